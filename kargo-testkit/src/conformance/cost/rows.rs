//! The rows of the cost table (requirements A).

use kargo_core::{
    discover::{Calls, Promise},
    model::ImageSelectionStrategy::{Digest, Lexical, NewestBuild, SemVer},
    select::image::Detail,
};

use super::{CostFeatures, CostImages, CostLogins, CostNumbers, CostRow, CostState};

const NONE: Calls = Calls { handshake: 0, list: 0, head: 0, manifest: 0, blob: 0, redirect: 0, ls_remote: 0, fetch: 0 };
const WARM: CostState = CostState::Warm { new: 0, moved: 0 };
const USUAL: CostFeatures = CostFeatures {
    list_etags: false,
    only_by_digest: false,
    head_dates: false,
    blob_redirects: false,
    sessions_end: false,
    logins: CostLogins::Any,
};
const ETAGS: CostFeatures = CostFeatures { list_etags: true, ..USUAL };

/// The rows, with *N* tags in each repository, 40 at least, and *n* = 20.
///
/// *L* is the number of pages, *P* = 2 the platforms of an index; *k* tags are new, *m* moved, *r* rejected by the platform
/// constraint, *s* checked although they are promised not to move.
#[must_use]
pub fn cost_rows(tags: u64) -> Vec<CostRow> {
    // Fewer would not do for twenty images beside those that a platform constraint rejects.
    let tags = tags.max(40);
    let mut rows = names(tags);
    rows.extend(dates(tags));
    rows.extend(platforms(tags));
    rows.extend(registries(tags));
    rows.extend(digest_and_webhooks(tags));
    rows.extend(many());
    rows
}

fn row(name: &'static str, formula: &'static str, tags: u64, expected: fn(CostNumbers) -> Calls) -> CostRow {
    CostRow {
        name,
        formula,
        expected,
        features: USUAL,
        images: CostImages::Plain,
        tags,
        strategy: SemVer,
        limit: 20,
        platform: false,
        rejected: 0,
        detail: Detail::Full,
        promise: Promise::None,
        state: CostState::Cold,
        repositories: 1,
        subscriptions: 1,
    }
}

fn list_and_two_of_kept(c: CostNumbers) -> Calls {
    Calls { list: c.pages, manifest: c.kept, blob: c.kept, ..NONE }
}

fn list_and_head_of_kept(c: CostNumbers) -> Calls {
    Calls { list: c.pages, head: c.kept, ..NONE }
}

fn list_and_head_of_all(c: CostNumbers) -> Calls {
    Calls { list: c.pages, head: c.tags, ..NONE }
}

fn list_and_two_of_all(c: CostNumbers) -> Calls {
    Calls { list: c.pages, manifest: c.tags, blob: c.tags, ..NONE }
}

fn list_alone(c: CostNumbers) -> Calls {
    Calls { list: c.pages, ..NONE }
}

fn list_and_sample(c: CostNumbers) -> Calls {
    Calls { list: c.pages, head: c.sample, ..NONE }
}

fn names(tags: u64) -> Vec<CostRow> {
    let promised = Promise::Immutable { sample: 0 };
    vec![
        row("SemVer, plain, cold", "L + 2n", tags, list_and_two_of_kept),
        CostRow {
            detail: Detail::Digest,
            ..row("SemVer, plain, cold, no date wanted", "L + n HEAD", tags, list_and_head_of_kept)
        },
        CostRow {
            images: CostImages::DatedPlain,
            ..row("SemVer, annotated, cold", "L + n", tags, |c| Calls { list: c.pages, manifest: c.kept, ..NONE })
        },
        CostRow { state: WARM, ..row("SemVer, plain, warm", "L + n HEAD", tags, list_and_head_of_kept) },
        CostRow { state: WARM, promise: promised, ..row("SemVer, plain, warm, promised", "L", tags, list_alone) },
        CostRow {
            state: WARM,
            promise: Promise::Immutable { sample: 3 },
            ..row("SemVer, plain, warm, promised, sampled", "L + s HEAD", tags, list_and_sample)
        },
        CostRow {
            state: CostState::Warm { new: 0, moved: 3 },
            ..row("SemVer, plain, warm, m moved", "L + n HEAD + 2m", tags, |c| Calls {
                list: c.pages,
                head: c.kept,
                manifest: c.moved,
                blob: c.moved,
                ..NONE
            })
        },
        CostRow {
            state: CostState::Warm { new: 4, moved: 0 },
            ..row("SemVer, plain, warm, k new", "L + (n - k) HEAD + 2k", tags, |c| Calls {
                list: c.pages,
                head: c.kept - c.new,
                manifest: c.new,
                blob: c.new,
                ..NONE
            })
        },
        CostRow {
            state: CostState::Restarted,
            ..row("SemVer, plain, after restart", "L + n HEAD", tags, list_and_head_of_kept)
        },
        CostRow {
            state: CostState::Expired,
            features: CostFeatures { sessions_end: true, ..USUAL },
            ..row("SemVer, plain, warm, token expired", "L + n HEAD + 1 handshake", tags, list_and_head_of_kept)
        },
        CostRow { strategy: Lexical, ..row("Lexical, plain, cold", "L + 2n", tags, list_and_two_of_kept) },
        CostRow {
            strategy: Lexical,
            state: WARM,
            ..row("Lexical, plain, warm", "L + n HEAD", tags, list_and_head_of_kept)
        },
    ]
}

fn dates(tags: u64) -> Vec<CostRow> {
    let newest = |name, formula, expected| CostRow { strategy: NewestBuild, ..row(name, formula, tags, expected) };
    let promised = Promise::Immutable { sample: 0 };
    let index = |images, row: CostRow| CostRow { images, ..row };
    vec![
        newest("NewestBuild, plain, cold", "L + 2N", list_and_two_of_all),
        CostRow { state: WARM, ..newest("NewestBuild, plain, warm", "L + N HEAD", list_and_head_of_all) },
        CostRow {
            state: CostState::Warm { new: 5, moved: 0 },
            promise: promised,
            ..newest("NewestBuild, plain, warm, promised, k new", "L + 2k", |c| Calls {
                list: c.pages,
                manifest: c.new,
                blob: c.new,
                ..NONE
            })
        },
        CostRow {
            state: WARM,
            promise: Promise::Immutable { sample: 7 },
            ..newest("NewestBuild, plain, warm, promised, sampled", "L + s HEAD", list_and_sample)
        },
        CostRow {
            state: CostState::Restarted,
            ..newest("NewestBuild, plain, after restart", "L + N HEAD", list_and_head_of_all)
        },
        CostRow {
            state: CostState::Restarted,
            promise: promised,
            ..newest("NewestBuild, plain, after restart, promised", "L", list_alone)
        },
        index(
            CostImages::DatedIndex,
            newest("NewestBuild, index annotated, cold", "L + N", |c| Calls {
                list: c.pages,
                manifest: c.tags,
                ..NONE
            }),
        ),
        index(
            CostImages::Index,
            newest("NewestBuild, index, cold, all platforms", "L + (1 + 2P)N", |c| Calls {
                list: c.pages,
                manifest: 3 * c.tags,
                blob: 2 * c.tags,
                ..NONE
            }),
        ),
        index(
            CostImages::Index,
            CostRow {
                platform: true,
                ..newest("NewestBuild, index, cold, one platform", "L + 3N", |c| Calls {
                    list: c.pages,
                    manifest: 2 * c.tags,
                    blob: c.tags,
                    ..NONE
                })
            },
        ),
        index(
            CostImages::Index,
            CostRow { state: WARM, ..newest("NewestBuild, index, warm", "L + N HEAD", list_and_head_of_all) },
        ),
    ]
}

fn platforms(tags: u64) -> Vec<CostRow> {
    let wanted = |name, formula, expected| CostRow {
        platform: true,
        rejected: 6,
        images: CostImages::Index,
        ..row(name, formula, tags, expected)
    };
    vec![
        wanted("SemVer, index, cold, r rejected", "L + 3n + r", |c| Calls {
            list: c.pages,
            manifest: 2 * c.kept + c.rejected,
            blob: c.kept,
            ..NONE
        }),
        CostRow {
            state: WARM,
            ..wanted("SemVer, index, warm, r rejected", "L + (n + r) HEAD", |c| Calls {
                list: c.pages,
                head: c.kept + c.rejected,
                ..NONE
            })
        },
        CostRow {
            images: CostImages::DatedIndex,
            ..wanted("SemVer, index annotated, cold, r rejected", "L + n + r", |c| Calls {
                list: c.pages,
                manifest: c.kept + c.rejected,
                ..NONE
            })
        },
    ]
}

fn registries(tags: u64) -> Vec<CostRow> {
    let only_by_digest = CostFeatures { only_by_digest: true, ..USUAL };
    let promised = Promise::Immutable { sample: 0 };
    vec![
        CostRow {
            features: ETAGS,
            ..row("SemVer, plain, cold, lists with ETag", "L + 2n", tags, list_and_two_of_kept)
        },
        CostRow {
            state: WARM,
            features: ETAGS,
            ..row("SemVer, plain, warm, lists with ETag", "L (304) + n HEAD", tags, list_and_head_of_kept)
        },
        CostRow {
            state: WARM,
            features: ETAGS,
            promise: promised,
            ..row("SemVer, plain, warm, promised, lists with ETag", "L (304)", tags, list_alone)
        },
        CostRow {
            strategy: NewestBuild,
            state: CostState::Restarted,
            features: ETAGS,
            promise: promised,
            ..row("NewestBuild, after restart, promised, ETag", "L (304)", tags, list_alone)
        },
        CostRow {
            features: CostFeatures { blob_redirects: true, ..USUAL },
            ..row("SemVer, plain, cold, blobs redirect", "L + 2n + n hops", tags, |c| Calls {
                redirect: c.kept,
                ..list_and_two_of_kept(c)
            })
        },
        CostRow {
            features: only_by_digest,
            ..row("SemVer, plain, cold, manifests only by digest", "L + n HEAD + 2n", tags, |c| Calls {
                head: c.kept,
                ..list_and_two_of_kept(c)
            })
        },
        CostRow {
            features: CostFeatures { head_dates: true, ..only_by_digest },
            strategy: NewestBuild,
            detail: Detail::Digest,
            ..row("NewestBuild, plain, cold, HEAD tells dates", "L + N HEAD", tags, list_and_head_of_all)
        },
        CostRow {
            features: CostFeatures { head_dates: true, ..only_by_digest },
            ..row("SemVer, plain, cold, HEAD tells dates", "L + n HEAD + n", tags, |c| Calls {
                list: c.pages,
                head: c.kept,
                manifest: c.kept,
                ..NONE
            })
        },
    ]
}

fn digest_and_webhooks(tags: u64) -> Vec<CostRow> {
    let two: fn(CostNumbers) -> Calls = |_| Calls { manifest: 1, blob: 1, ..NONE };
    let head: fn(CostNumbers) -> Calls = |_| Calls { head: 1, ..NONE };
    let digest = |name, formula, expected| CostRow { strategy: Digest, ..row(name, formula, tags, expected) };
    vec![
        digest("Digest, plain, cold", "2", two),
        CostRow { state: WARM, ..digest("Digest, plain, warm", "1 HEAD", head) },
        CostRow {
            state: WARM,
            promise: Promise::Immutable { sample: 0 },
            ..digest("Digest, plain, warm, promised", "0", |_| NONE)
        },
        CostRow { state: CostState::WebhookNew, ..row("webhook, new tag", "2", tags, two) },
        CostRow { state: CostState::WebhookKnown, ..row("webhook, known tag", "1 HEAD", tags, head) },
        CostRow { state: CostState::WebhookForeign, ..row("webhook, tag that is not wanted", "0", tags, |_| NONE) },
        CostRow {
            strategy: NewestBuild,
            state: CostState::WebhookNew,
            ..row("NewestBuild, webhook, new tag", "2", tags, two)
        },
    ]
}

fn many() -> Vec<CostRow> {
    let many =
        |name, formula, expected| CostRow { repositories: 10, subscriptions: 200, ..row(name, formula, 30, expected) };
    let logins = |logins| CostFeatures { logins, ..USUAL };
    vec![
        CostRow {
            features: logins(CostLogins::Registry),
            ..many("200 subscriptions, 10 repositories, cold", "10 (L + 2n)", list_and_two_of_kept)
        },
        CostRow {
            features: logins(CostLogins::Repository),
            ..many("the same, a token for each repository", "10 (1 handshake + L + 2n)", list_and_two_of_kept)
        },
        CostRow {
            state: WARM,
            ..many("200 subscriptions, 10 repositories, warm", "10 (L + n HEAD)", list_and_head_of_kept)
        },
        CostRow {
            state: WARM,
            promise: Promise::Immutable { sample: 0 },
            ..many("200 subscriptions, 10 repositories, warm, promised", "10 L", list_alone)
        },
    ]
}
