//! Freight like other freight, with some artifacts replaced (requirements C14).

use std::fmt;

use super::{
    alias,
    artifact::{Artifact, Key},
    checks::{other_spelling, spelling},
    stock::Stock,
};
use crate::{
    freight::order::discovery_time,
    model::{
        Freight, FreightIntent, FreightName, ObjectMeta, OriginKind, Subscription, Warehouse, WarehousePolicySpec,
        url::has_normal_git,
    },
};

/// Freight that was derived, and what is different in it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Derived {
    /// The freight: complete, in no world yet.
    pub freight: Freight,
    /// What was replaced, in the order of the replacements.
    pub changes: Vec<Change>,
}

/// One artifact that took another's place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// What was there.
    pub before: Artifact,
    /// What is there now.
    pub after: Artifact,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.before, self.after)
    }
}

/// Why no freight can be derived.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeriveError {
    /// A bundle has its id from its members; one of them is swapped instead.
    #[error("{origin} is no Warehouse: freight of a Junction is changed by swapping its members")]
    Bundle {
        /// The origin's key.
        origin: String,
    },
    /// The Warehouse is not the freight's.
    #[error("the freight is of {origin}, not of Warehouse {warehouse:?}")]
    OtherWarehouse {
        /// The origin's key.
        origin: String,
        /// The Warehouse that was given.
        warehouse: String,
    },
    /// No subscription of the Warehouse stands for the artifact.
    #[error("Warehouse {warehouse:?} does not subscribe to {artifact}{}", other_spelling(.spelled.as_deref()))]
    NotSubscribed {
        /// The artifact.
        artifact: Box<Artifact>,
        /// The Warehouse.
        warehouse: String,
        /// For an image, how the subscription to the same repository spells it.
        spelled: Option<String>,
    },
    /// The freight has nothing of that subscription.
    #[error("there is nothing to replace by {artifact}: the freight has no artifact of that subscription")]
    NotInFreight {
        /// The artifact.
        artifact: Box<Artifact>,
    },
    /// More than one artifact of the freight could be meant, or one would be replaced twice.
    #[error("it is not clear what {artifact} replaces, or what replaces it: there are {count} for its {subscription}")]
    Ambiguous {
        /// The artifact.
        artifact: Box<Artifact>,
        /// What is subscribed to.
        subscription: String,
        /// How many artifacts of the freight, or replacements, there are.
        count: usize,
    },
    /// Every replacement is there already.
    #[error("nothing changes: the freight has these artifacts already")]
    Unchanged,
    /// There is freight of exactly these artifacts.
    #[error("freight {id} is made of these artifacts")]
    Exists {
        /// Its name.
        id: FreightName,
    },
}

/// Freight like `base` with some artifacts replaced, each by one of the same subscription.
///
/// It counts as found one millisecond after `base`, so that it ranks directly after it and not as the newest of its origin
/// (rules 7, trap 20). Of what is recorded about `base`, its status, labels and annotations, it takes nothing over. `bits`
/// decide, with the id, which alias it gets.
///
/// ```
/// use kargo_core::freight::creation::derive;
/// use kargo_core::model::{Freight, Image, Origin, Warehouse};
/// use serde_json::json;
///
/// let warehouse: Warehouse = serde_json::from_value(json!({
///     "metadata": {"name": "shop"},
///     "spec": {"subscriptions": [{"image": {"repoURL": "ghcr.io/acme/cart"}}, {"image": {"repoURL": "ghcr.io/acme/web"}}]},
/// }))?;
/// let image = |repo: &str, tag: &str| Image { repo_url: repo.into(), tag: tag.into(), ..Image::default() };
/// let base = Freight {
///     origin: Origin::warehouse("shop"),
///     images: vec![image("ghcr.io/acme/cart", "1.4.2"), image("ghcr.io/acme/web", "7.0.0")],
///     ..Freight::default()
/// };
/// let none: [Freight; 0] = [];
/// let derived = derive(&base, [image("ghcr.io/acme/cart", "1.4.3").into()], &warehouse, None, &none, b"seed").unwrap();
/// assert_eq!(derived.changes[0].to_string(), "image ghcr.io/acme/cart:1.4.2 -> image ghcr.io/acme/cart:1.4.3");
/// assert_eq!(derived.freight.images[1], base.images[1]);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// See [`DeriveError`]; the first that applies, in the order of the replacements.
pub fn derive(
    base: &Freight,
    replacements: impl IntoIterator<Item = Artifact>,
    warehouse: &Warehouse,
    policy: Option<&WarehousePolicySpec>,
    stock: &(impl Stock + ?Sized),
    bits: &[u8],
) -> Result<Derived, DeriveError> {
    let origin = base.origin.to_string();
    if base.origin.kind != OriginKind::Warehouse {
        return Err(DeriveError::Bundle { origin });
    }
    if base.origin.name != warehouse.metadata.name {
        return Err(DeriveError::OtherWarehouse { origin, warehouse: warehouse.metadata.name.clone() });
    }
    let time = discovery_time(base);
    let mut freight = Freight {
        metadata: ObjectMeta { namespace: base.metadata.namespace.clone(), ..ObjectMeta::default() },
        alias: None,
        discovered_at: time.map(|time| time.checked_add_signed(chrono::TimeDelta::milliseconds(1)).unwrap_or(time)),
        origin: base.origin.clone(),
        commits: base.commits.clone(),
        images: base.images.clone(),
        charts: base.charts.clone(),
        artifacts: base.artifacts.clone(),
        ..Freight::default()
    };
    let mut replaced: Vec<Key> = Vec::new();
    let mut changes = Vec::new();
    for mut artifact in replacements {
        let key = artifact.key();
        let subscription = subscription(warehouse, &key).ok_or_else(|| {
            let keys: Vec<Key> = warehouse.spec.subscriptions.iter().map(Key::of_subscription).collect();
            let spelled = spelling(&key, &keys);
            DeriveError::NotSubscribed {
                artifact: Box::new(artifact.clone()),
                warehouse: warehouse.metadata.name.clone(),
                spelled,
            }
        })?;
        if let Some(name @ None) = artifact.subscription_name_mut() {
            name.clone_from(&subscription.name);
        }
        if replaced.contains(&key) {
            let subscription = key.to_string();
            return Err(DeriveError::Ambiguous { artifact: Box::new(artifact), subscription, count: 2 });
        }
        let before = replace(&mut freight, &key, &artifact)?;
        if !before.is_same_revision(&artifact) {
            changes.push(Change { before, after: artifact });
        }
        replaced.push(key);
    }
    if changes.is_empty() {
        return Err(DeriveError::Unchanged);
    }
    alias::intend(&mut freight, policy.map_or(FreightIntent::Auto, |policy| policy.intent.assembled));
    let id = alias::name(&mut freight, stock, bits);
    if stock.has(&id) {
        return Err(DeriveError::Exists { id });
    }
    Ok(Derived { freight, changes })
}

/// The subscription that a key stands for.
fn subscription<'w>(warehouse: &'w Warehouse, key: &Key) -> Option<&'w Subscription> {
    warehouse.spec.subscriptions.iter().find(|subscription| key.is_of(subscription))
}

/// Puts an artifact in the place of the only one of its subscription, and gives that back.
fn replace(freight: &mut Freight, key: &Key, artifact: &Artifact) -> Result<Artifact, DeriveError> {
    let unclear = |count: usize| match count {
        0 => DeriveError::NotInFreight { artifact: Box::new(artifact.clone()) },
        _ => DeriveError::Ambiguous { artifact: Box::new(artifact.clone()), subscription: key.to_string(), count },
    };
    match (artifact, key) {
        (Artifact::Commit(new), Key::Git(url)) => {
            let is_it = |known: &str| has_normal_git(known, url);
            put(freight.commits.iter_mut().filter(|known| is_it(&known.repo_url)), new).map(Artifact::Commit)
        }
        (Artifact::Image(new), _) => {
            put(freight.images.iter_mut().filter(|known| known.repo_url == new.repo_url), new).map(Artifact::Image)
        }
        (Artifact::Chart(new), _) => {
            let same = |known: &&mut crate::model::Chart| Key::of_chart(known) == *key;
            put(freight.charts.iter_mut().filter(same), new).map(Artifact::Chart)
        }
        (Artifact::Other(new), _) => {
            let same = freight.artifacts.iter_mut().filter(|known| known.subscription_name == new.subscription_name);
            put(same, new).map(Artifact::Other)
        }
        (Artifact::Commit(_), _) => Err(0),
    }
    .map_err(unclear)
}

/// Puts `new` in the only place; else how many places there are.
fn put<'p, T: Clone + 'p>(mut places: impl Iterator<Item = &'p mut T>, new: &T) -> Result<T, usize> {
    let Some(place) = places.next() else { return Err(0) };
    match places.count() {
        0 => Ok(std::mem::replace(place, new.clone())),
        more => Err(more + 1),
    }
}
