//! The nouns, spelled as Kargo's manifests spell them.
