//! The pipelines of these tests.

/// uat by itself, then prod by hand after an hour; each pushes.
pub(crate) const PLAIN: &str = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: prod, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [uat], requiredSoakTime: 1h } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: { name: shop, namespace: shop }
spec: { promotionPolicies: [{ stageSelector: { name: uat }, autoPromotionEnabled: true }] }
";

/// uat is verified; gate has no steps; prod is behind it; all by themselves.
pub(crate) const VERIFIED: &str = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
  verification: { analysisTemplates: [{ name: smoke }], args: [{ name: host, value: '${{ ctx.stage }}.acme.example' }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: gate, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [uat] } }]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: prod, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [gate] } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: { name: shop, namespace: shop }
spec: { promotionPolicies: [{ stageSelector: {}, autoPromotionEnabled: true }] }
";
