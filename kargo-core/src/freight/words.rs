//! The words that aliases are made of: friendly adjectives, and animals of the sea and elsewhere.

/// How freight may be, in alphabetical order. Changing the list changes the aliases that follow from a seed.
pub(super) const ADJECTIVES: &[&str] = &[
    "able", "airy", "alert", "amber", "ample", "apt", "arctic", "ardent", "artful", "astute", "autumn", "avid",
    "azure", "balmy", "beaming", "blithe", "bold", "bonny", "bouncy", "brave", "breezy", "brief", "bright", "brisk",
    "bronze", "bubbly", "bucolic", "buoyant", "calm", "candid", "carefree", "careful", "cheery", "chipper", "chirpy",
    "civil", "clean", "clear", "clever", "cobalt", "cogent", "comfy", "constant", "copper", "cordial", "cosmic",
    "cozy", "crafty", "crisp", "crystal", "curious", "dainty", "dapper", "daring", "dashing", "dazzling", "dear",
    "deft", "devoted", "diligent", "distant", "dreamy", "driven", "dulcet", "durable", "dusky", "dutiful", "eager",
    "early", "earnest", "elated", "elegant", "eloquent", "emerald", "eminent", "enduring", "epic", "even", "exact",
    "faithful", "famous", "fancy", "fearless", "festive", "fine", "firm", "fleet", "fluent", "fond", "foremost",
    "fragrant", "frank", "free", "fresh", "friendly", "frosty", "frugal", "gallant", "generous", "genial", "gentle",
    "genuine", "gifted", "glad", "gleaming", "glowing", "golden", "graceful", "gracious", "grand", "grateful", "great",
    "green", "handy", "happy", "hardy", "harmonic", "hearty", "helpful", "heroic", "hidden", "honest", "hopeful",
    "humble", "icy", "ideal", "indigo", "intrepid", "ivory", "jaunty", "jolly", "jovial", "joyful", "jubilant", "keen",
    "kind", "kindly", "lasting", "laughing", "level", "light", "likable", "lilac", "lively", "lofty", "loyal", "lucid",
    "lucky", "lunar", "lush", "lyrical", "magnetic", "maroon", "mellow", "merry", "mighty", "mindful", "mirthful",
    "misty", "modest", "musical", "natural", "navy", "neat", "new", "nimble", "noble", "northern", "notable", "oaken",
    "opal", "open", "orderly", "outgoing", "pacific", "patient", "peaceful", "peppy", "plucky", "poetic", "polished",
    "polite", "prime", "prompt", "proper", "proud", "prudent", "pure", "quaint", "quick", "quiet", "radiant", "rapid",
    "rare", "ready", "refined", "regal", "relaxed", "resolute", "restful", "robust", "rosy", "rugged", "russet",
    "rustic", "sandy", "sapphire", "scarlet", "scenic", "serene", "sharp", "shiny", "silent", "silken", "silver",
    "simple", "sincere", "skilled", "sleek", "smart", "smiling", "smooth", "snowy", "snug", "social", "solar", "solid",
    "sonic", "southern", "spirited", "splendid", "spry", "stable", "starry", "stately", "steady", "stellar",
    "sterling", "stoic", "stormy", "sturdy", "suave", "sublime", "subtle", "sunlit", "sunny", "superb", "sure",
    "swift", "tactful", "tawny", "teal", "tender", "thankful", "thrifty", "tidal", "tidy", "timely", "tireless",
    "topaz", "tranquil", "true", "trusty", "upbeat", "upright", "useful", "valiant", "vast", "velvet", "verdant",
    "vibrant", "vigilant", "vital", "vivid", "warm", "western", "winged", "winsome", "wintry", "wise", "witty",
    "zealous", "zesty",
];

/// What freight may be, in alphabetical order. Changing the list changes the aliases that follow from a seed.
pub(super) const NOUNS: &[&str] = &[
    "abalone", "albacore", "alpaca", "anchovy", "anemone", "angler", "antelope", "argonaut", "auk", "avocet", "badger",
    "barbel", "barnacle", "beluga", "bison", "bittern", "blenny", "bluefin", "bluegill", "bobcat", "bonito", "bowfin",
    "bream", "brill", "bunting", "burbot", "buzzard", "camel", "capelin", "caracal", "caribou", "carp", "catfish",
    "chamois", "cheetah", "chipmunk", "chiton", "chough", "cicada", "cichlid", "civet", "clam", "coati", "cockatoo",
    "cod", "condor", "conger", "coot", "corvina", "cowfish", "cowrie", "coyote", "crab", "crane", "crayfish",
    "cricket", "croaker", "curlew", "dace", "darter", "deer", "dingo", "dipper", "diver", "dogfish", "dolphin",
    "dorado", "dormouse", "dory", "dotterel", "dove", "dragonet", "dugong", "dunlin", "eagle", "eel", "egret", "eider",
    "eland", "elk", "emu", "ermine", "falcon", "fennec", "ferret", "filefish", "finch", "firefly", "flamingo",
    "flounder", "fox", "fulmar", "gannet", "garfish", "gazelle", "gecko", "gibbon", "giraffe", "goby", "godwit",
    "goldfish", "goose", "goshawk", "grayling", "grebe", "grouper", "grouse", "grunion", "gull", "gunnel", "gurnard",
    "haddock", "hake", "halfbeak", "halibut", "hamster", "harrier", "hawk", "hedgehog", "heron", "herring", "hoopoe",
    "ibex", "ibis", "iguana", "impala", "isopod", "jackdaw", "jaeger", "jay", "kelpfish", "kestrel", "killdeer",
    "kingfish", "kite", "kiwi", "koala", "krill", "kudu", "lamprey", "lapwing", "lark", "lemming", "lemur", "leopard",
    "limpet", "lingcod", "lionfish", "lizard", "loach", "lobster", "loon", "lorikeet", "lynx", "macaw", "mackerel",
    "magpie", "mallard", "manatee", "manta", "marlin", "marmot", "marten", "meerkat", "menhaden", "milkfish", "minnow",
    "moonfish", "moorhen", "moose", "moray", "mullet", "murre", "muskox", "mussel", "narwhal", "nautilus", "newt",
    "nightjar", "oarfish", "ocelot", "octopus", "okapi", "opah", "opossum", "orca", "oriole", "osprey", "otter",
    "ovenbird", "owl", "oyster", "panda", "pangolin", "peacock", "pelican", "penguin", "perch", "petrel", "pheasant",
    "pika", "pike", "pilchard", "pintail", "pipefish", "pipit", "plaice", "platypus", "plover", "pollock", "pompano",
    "porpoise", "prawn", "puffer", "puffin", "puma", "quail", "quokka", "rabbit", "raccoon", "raven", "ray", "redfish",
    "redstart", "reindeer", "remora", "robin", "rockling", "rosefish", "sailfish", "salmon", "sardine", "sawfish",
    "scad", "scallop", "scoter", "sculpin", "seabream", "seahorse", "seal", "sealion", "seastar", "shark", "shrimp",
    "siskin", "skimmer", "skua", "skylark", "smelt", "snapper", "snipe", "sole", "sparrow", "sprat", "squid",
    "starfish", "starling", "sterlet", "stingray", "stoat", "stork", "sturgeon", "sunfish", "surfbird", "swallow",
    "swan", "tamarin", "tanager", "tapir", "tarpon", "tarsier", "tautog", "tench", "tern", "terrapin", "tetra",
    "thrush", "tilefish", "toucan", "treefrog", "trevally", "triton", "trout", "tuna", "turbot", "turtle", "urchin",
    "vaquita", "vicuna", "wagtail", "wahoo", "wallaby", "walleye", "walrus", "warbler", "waxwing", "weasel", "weever",
    "whale", "wheatear", "whelk", "whimbrel", "whiting", "wigeon", "wolffish", "wombat", "wrasse", "wren", "yak",
    "zander", "zebra",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_many_sorted_lower_case_and_in_one_list_only() {
        for words in [ADJECTIVES, NOUNS] {
            assert!(words.len() >= 200, "{}", words.len());
            assert!(words.is_sorted_by(|a, b| a < b));
            assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase()) && word.len() >= 3));
        }
        assert_eq!(ADJECTIVES.iter().find(|word| NOUNS.contains(word)), None);
    }

    #[test]
    fn two_words_and_the_longest_number_fit_a_label_value() {
        let longest = |words: &[&str]| words.iter().map(|word| word.len()).max().unwrap_or(0);
        assert!(longest(ADJECTIVES) + longest(NOUNS) + "--".len() + u64::MAX.to_string().len() <= 63);
    }
}
