//! Warehouse (resources 7).

use kargo_core::model::{
    FreightCreationCriteria, FreightCreationPolicy, Subscription, Warehouse, WarehouseSpec, label,
};
use proptest::{prelude::*, sample::select};

use super::{
    discovered::any_warehouse_status,
    meta::{labelled, project_meta, refreshable},
    scalar::{dur, maybe, name, one_of, short_name},
    subscription::{subscriptions, subscriptions_with},
};

/// A Warehouse that subscribes to git repositories, images and charts.
pub fn any_warehouse() -> BoxedStrategy<Warehouse> {
    warehouse_of(subscriptions())
}

/// A Warehouse that may also have generic subscriptions, of these types. Kargo's open edition refuses them; a host that
/// registers subscribers for the types does not.
pub fn any_warehouse_with(types: &'static [&'static str]) -> BoxedStrategy<Warehouse> {
    warehouse_of(subscriptions_with(types))
}

fn warehouse_of(subscriptions: BoxedStrategy<Vec<Subscription>>) -> BoxedStrategy<Warehouse> {
    let criteria = maybe(one_of(&[
        "true",
        "imageFrom('ghcr.io/acme/cart').Tag == commitFrom('https://github.com/acme/cart').ID",
        "chartFrom(\"oci://ghcr.io/acme/cart\").Version != '1.10'",
    ]))
    .prop_map(|expression| FreightCreationCriteria { expression });
    let policy = select(&[FreightCreationPolicy::Automatic, FreightCreationPolicy::Manual][..]);
    (
        refreshable(project_meta(name())),
        maybe(short_name()),
        dur(),
        policy,
        subscriptions,
        maybe(criteria),
        any_warehouse_status(),
    )
        .prop_map(
            |(meta, shard, interval, freight_creation_policy, subscriptions, freight_creation_criteria, status)| {
                Warehouse {
                    metadata: labelled(meta, label::SHARD, shard.clone()),
                    spec: WarehouseSpec {
                        shard,
                        interval,
                        freight_creation_policy,
                        subscriptions,
                        freight_creation_criteria,
                    },
                    status,
                }
            },
        )
        .boxed()
}
