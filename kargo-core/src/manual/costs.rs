//! What a look costs: the formulas, and the numbers they come to.
//!
//! Requests are what registries limit. For each way to subscribe there is a least number of them that can answer, and a look
//! asks no more: it filters names before it asks about any, asks for a digest before a document, and never asks twice what
//! cannot have changed. The rows below are formulas of what the registry offers, of what is remembered, and of the subscription;
//! tests hold a look to them request by request, on pretended registries and on a real one.
//!
//! * **cold**: nothing is remembered. **warm**: the look before is, in this process or, the cache being a file, in another.
//! * **plain**: images of one platform. **index**: of two. **annotated**: the manifest tells when it was built.
//! * **promised**: tags are promised never to move, by `immutableTags` of a WarehousePolicy or `cacheByTag`.
//! * `L` pages of the tag list, `n` the discovery limit (20), `N` tags that match, `k` new ones, `m` that moved, `s` that are
//!   checked under a promise, `r` that a platform constraint rejects.
//!
//! Handshakes and hops of redirects stand apart: a handshake comes once in a session. `Discovery::forecast_warehouses` says
//! the same of your Warehouses before a look, and `pipeline discover --forecast` prints it.
//!
//! A thousand tags that match, a hundred on a page:
//!
//! | look | requests | of a thousand tags |
//! | --- | --- | --- |
//! | SemVer, plain, cold | L + 2n | 1 handshake, 10 list, 20 manifest, 20 blob |
//! | SemVer, plain, cold, no date wanted | L + n HEAD | 1 handshake, 10 list, 20 HEAD |
//! | SemVer, annotated, cold | L + n | 1 handshake, 10 list, 20 manifest |
//! | SemVer, plain, warm | L + n HEAD | 10 list, 20 HEAD |
//! | SemVer, plain, warm, promised | L | 10 list |
//! | SemVer, plain, warm, promised, sampled | L + s HEAD | 10 list, 3 HEAD |
//! | SemVer, plain, warm, m moved | L + n HEAD + 2m | 10 list, 20 HEAD, 3 manifest, 3 blob |
//! | SemVer, plain, warm, k new | L + (n - k) HEAD + 2k | 11 list, 16 HEAD, 4 manifest, 4 blob |
//! | SemVer, plain, after restart | L + n HEAD | 1 handshake, 10 list, 20 HEAD |
//! | SemVer, plain, warm, token expired | L + n HEAD + 1 handshake | 1 handshake, 10 list, 20 HEAD |
//! | Lexical, plain, cold | L + 2n | 1 handshake, 10 list, 20 manifest, 20 blob |
//! | Lexical, plain, warm | L + n HEAD | 10 list, 20 HEAD |
//! | NewestBuild, plain, cold | L + 2N | 1 handshake, 10 list, 1000 manifest, 1000 blob |
//! | NewestBuild, plain, warm | L + N HEAD | 10 list, 1000 HEAD |
//! | NewestBuild, plain, warm, promised, k new | L + 2k | 11 list, 5 manifest, 5 blob |
//! | NewestBuild, plain, warm, promised, sampled | L + s HEAD | 10 list, 7 HEAD |
//! | NewestBuild, plain, after restart | L + N HEAD | 1 handshake, 10 list, 1000 HEAD |
//! | NewestBuild, plain, after restart, promised | L | 1 handshake, 10 list |
//! | NewestBuild, index annotated, cold | L + N | 1 handshake, 10 list, 1000 manifest |
//! | NewestBuild, index, cold, all platforms | L + (1 + 2P)N | 1 handshake, 10 list, 3000 manifest, 2000 blob |
//! | NewestBuild, index, cold, one platform | L + 3N | 1 handshake, 10 list, 2000 manifest, 1000 blob |
//! | NewestBuild, index, warm | L + N HEAD | 10 list, 1000 HEAD |
//! | SemVer, index, cold, r rejected | L + 3n + r | 1 handshake, 10 list, 46 manifest, 20 blob |
//! | SemVer, index, warm, r rejected | L + (n + r) HEAD | 10 list, 26 HEAD |
//! | SemVer, index annotated, cold, r rejected | L + n + r | 1 handshake, 10 list, 26 manifest |
//! | SemVer, plain, cold, lists with ETag | L + 2n | 1 handshake, 10 list, 20 manifest, 20 blob |
//! | SemVer, plain, warm, lists with ETag | L (304) + n HEAD | 10 list, 20 HEAD |
//! | SemVer, plain, warm, promised, lists with ETag | L (304) | 10 list |
//! | NewestBuild, after restart, promised, ETag | L (304) | 1 handshake, 10 list |
//! | SemVer, plain, cold, blobs redirect | L + 2n + n hops | 1 handshake, 10 list, 20 manifest, 20 blob, 20 redirect |
//! | SemVer, plain, cold, manifests only by digest | L + n HEAD + 2n | 1 handshake, 10 list, 20 HEAD, 20 manifest, 20 blob |
//! | NewestBuild, plain, cold, HEAD tells dates | L + N HEAD | 1 handshake, 10 list, 1000 HEAD |
//! | SemVer, plain, cold, HEAD tells dates | L + n HEAD + n | 1 handshake, 10 list, 20 HEAD, 20 manifest |
//! | Digest, plain, cold | 2 | 1 handshake, 1 manifest, 1 blob |
//! | Digest, plain, warm | 1 HEAD | 1 HEAD |
//! | Digest, plain, warm, promised | 0 | no calls |
//! | webhook, new tag | 2 | 1 manifest, 1 blob |
//! | webhook, known tag | 1 HEAD | 1 HEAD |
//! | webhook, tag that is not wanted | 0 | no calls |
//! | NewestBuild, webhook, new tag | 2 | 1 manifest, 1 blob |
//! | 200 subscriptions, 10 repositories, cold | 10 (L + 2n) | 1 handshake, 10 list, 200 manifest, 200 blob |
//! | the same, a token for each repository | 10 (1 handshake + L + 2n) | 10 handshake, 10 list, 200 manifest, 200 blob |
//! | 200 subscriptions, 10 repositories, warm | 10 (L + n HEAD) | 10 list, 200 HEAD |
//! | 200 subscriptions, 10 repositories, warm, promised | 10 L | 10 list |
