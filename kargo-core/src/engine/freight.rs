//! Freight that somebody makes or names (control 8.5; discovery 1.10; requirements C14).

use chrono::SubsecRound as _;

use super::{Event, Refusal, draft::Draft, normal::normal};
use crate::{
    command::{Assemble, Derive, SetAlias},
    freight::creation::{Assembly, derive},
    model::{Freight, pattern::is_label_value},
    why::Reason,
};

impl Draft<'_> {
    /// Makes freight of chosen artifacts.
    pub(super) fn assemble(&mut self, assemble: &Assemble) -> Result<(), Refusal> {
        let refuse = |reason| Refusal::because(format!("assemble freight of {}", assemble.warehouse), reason);
        let world = &self.state.world;
        let warehouse = world.warehouse(&assemble.warehouse).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
        let mut assembly = Assembly::new(warehouse, warehouse.status.discovered_artifacts.as_ref());
        if let Some(policy) = world.warehouse_policy(&assemble.warehouse) {
            assembly = assembly.policy(&policy.spec);
        }
        if let Some(like) = &assemble.like {
            let like = world.freight(like.clone()).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
            assembly = assembly.like(&like.to_definition());
        }
        assembly = assemble.artifacts.iter().cloned().fold(assembly, Assembly::take);
        assembly = assemble.alias.iter().fold(assembly, Assembly::alias);
        if let Some(intent) = assemble.intent {
            assembly = assembly.intent(intent);
        }
        let bits = self.alias_bits(&assemble.warehouse);
        let assembled = assembly.finish(world, &bits, self.now);
        let assembled = assembled.map_err(|error| refuse(Reason::Fact { text: error.to_string() }))?;
        self.found(assembled.freight);
        Ok(())
    }

    /// Makes freight like other freight.
    pub(super) fn derive(&mut self, wanted: &Derive) -> Result<(), Refusal> {
        let refuse = |reason| Refusal::because(format!("derive freight from {}", wanted.base), reason);
        let world = &self.state.world;
        let base = world.freight(wanted.base.clone()).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
        let name = base.origin().name.clone();
        let warehouse = world.warehouse(&name).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
        let policy = world.warehouse_policy(&name).map(|policy| &policy.spec);
        let bits = self.alias_bits(&name);
        let derived =
            derive(&base.to_definition(), wanted.replacements.iter().cloned(), warehouse, policy, world, &bits);
        let derived = derived.map_err(|error| refuse(Reason::Fact { text: error.to_string() }))?;
        self.found(derived.freight);
        Ok(())
    }

    /// Gives freight another alias; one that other freight has is refused.
    pub(super) fn rename(&mut self, wanted: &SetAlias) -> Result<(), Refusal> {
        let refuse = |reason| Refusal::because(format!("call {} {:?}", wanted.freight, wanted.alias), reason);
        let world = &self.state.world;
        let freight = world.freight(wanted.freight.clone()).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
        let alias = &wanted.alias;
        if alias.is_empty() || !is_label_value(alias) {
            let text = format!(
                "{alias:?} is no alias: letters, digits, '-', '_' and '.', at most 63, a letter or digit at both ends"
            );
            return Err(refuse(Reason::Fact { text }));
        }
        if freight.alias() == Some(alias.as_str()) {
            return Ok(());
        }
        if world.has_freight_called(alias) || world.freight_named(alias).is_some() {
            let text = format!("other freight is called {alias:?}: choose another alias");
            return Err(refuse(Reason::Fact { text }));
        }
        let freight = freight.name().clone();
        self.push(Event::Aliased { freight, alias: alias.clone() });
        Ok(())
    }

    fn found(&mut self, freight: Freight) {
        let found_at = freight.discovered_at.unwrap_or(self.now).trunc_subsecs(3);
        self.push(Event::FreightCreated { freight: Box::new(normal(freight)), found_at });
    }

    fn alias_bits(&self, warehouse: &str) -> [u8; 16] {
        self.state.genesis.bits("alias", warehouse, 0).to_be_bytes()
    }
}
