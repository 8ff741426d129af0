//! Project, ProjectConfig and ClusterConfig (resources 3 to 5).

use kargo_core::model::{
    ClusterConfig, ClusterConfigSpec, ConfigStatus, GitClient, HealthStats, KindStats, ObjectMeta, Project,
    ProjectConfig, ProjectConfigSpec, ProjectStats, ProjectStatus, WebhookEndpoint, label,
};
use proptest::prelude::*;

use super::{
    config::{
        any_cluster_window, any_deep_link, any_window, promotion_policies, secret_ref, webhook_receivers, windows,
    },
    meta::{annotated, cluster_meta, conditions, refreshable},
    scalar::{hex, list, maybe, name, one_of, project_name, refresh_token},
    text::text,
};

prop_compose! {
    /// A Project.
    pub fn any_project()(
        meta in cluster_meta(project_name()),
        keep in maybe(one_of(&["true"])),
        conditions in conditions(),
        stats in maybe((kind_stats(), kind_stats())),
    ) -> Project {
        Project {
            metadata: annotated(meta, label::KEEP_NAMESPACE, keep),
            status: ProjectStatus {
                conditions,
                stats: stats.map(|(warehouses, stages)| ProjectStats { warehouses, stages }),
            },
        }
    }
}

prop_compose! {
    fn kind_stats()(count in 0..50_i64, part in 0..50_i64) -> KindStats {
        KindStats { count, health: HealthStats { healthy: part.min(count) } }
    }
}

prop_compose! {
    /// A ProjectConfig, whose name is that of its namespace.
    pub fn any_project_config()(
        meta in refreshable(cluster_meta(project_name())),
        promotion_policies in promotion_policies(),
        webhook_receivers in webhook_receivers(),
        freight_links in list(any_deep_link(), 2),
        stage_links in list(any_deep_link(), 2),
        promotion_windows in windows(any_window()),
        status in any_config_status(),
    ) -> ProjectConfig {
        ProjectConfig {
            metadata: ObjectMeta { namespace: Some(meta.name.clone()), ..meta },
            spec: ProjectConfigSpec {
                promotion_policies,
                webhook_receivers,
                freight_links,
                stage_links,
                promotion_windows,
            },
            status,
        }
    }
}

prop_compose! {
    /// A ClusterConfig, whose name is `cluster`.
    pub fn any_cluster_config()(
        metadata in refreshable(cluster_meta(one_of(&["cluster"]))),
        webhook_receivers in webhook_receivers(),
        git_client in maybe(any_git_client()),
        freight_links in list(any_deep_link(), 2),
        stage_links in list(any_deep_link(), 2),
        promotion_windows in windows(any_cluster_window()),
        status in any_config_status(),
    ) -> ClusterConfig {
        ClusterConfig {
            metadata,
            spec: ClusterConfigSpec { webhook_receivers, git_client, freight_links, stage_links, promotion_windows },
            status,
        }
    }
}

prop_compose! {
    fn any_git_client()(
        name in text(),
        email in one_of(&["bot@acme.io", "jo+kargo@acme.example.com"]),
        signing_key_secret in maybe(secret_ref()),
    ) -> GitClient {
        GitClient { name, email, signing_key_secret }
    }
}

prop_compose! {
    fn any_config_status()(
        conditions in conditions(),
        observed_generation in maybe(0..1000_i64),
        last_handled_refresh in maybe(refresh_token()),
        webhook_receivers in list(any_endpoint(), 2),
    ) -> ConfigStatus {
        ConfigStatus { conditions, observed_generation, last_handled_refresh, webhook_receivers }
    }
}

prop_compose! {
    fn any_endpoint()(name in name(), hash in hex(64), segment in one_of(&["github", "generic", "quay"]), full in any::<bool>())
    -> WebhookEndpoint {
        let path = format!("/webhooks/{segment}/{hash}");
        let url = if full { format!("https://kargo.acme.io{path}") } else { String::new() };
        WebhookEndpoint { name, path, url }
    }
}
