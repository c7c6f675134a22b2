//! The words that letters may hold: calm nouns for cases, and the closed list of all others.

/// Calm nouns that can be said on the phone. None names a person, a part of the body, a
/// place, a faith, an animal or a theme, and none is a word of the letters themselves.
pub const CALM_NOUNS: &[&str] = &[
    "ABACUS", "ACORN", "ALBUM", "ALCOVE", "ALMOND", "ANCHOR", "ANVIL", "APRON", "AQUEDUCT",
    "ARCHWAY", "ATLAS", "AWNING", "BADGE", "BALLOON", "BAMBOO", "BANJO", "BANNER", "BARLEY",
    "BARN", "BARREL", "BASKET", "BEACON", "BEAD", "BEAKER", "BEECH", "BELLOWS", "BENCH", "BERET",
    "BIRCH", "BISCUIT", "BLANKET", "BLOSSOM", "BLOTTER", "BLUEBELL", "BOBBIN", "BOULDER",
    "BOUQUET", "BOWL", "BOWTIE", "BRACELET", "BRACKET", "BRANCH", "BREAD", "BREEZE", "BRICK",
    "BRIDGE", "BROCHURE", "BROOCH", "BROOM", "BRUSH", "BUBBLE", "BUCKET", "BUCKLE", "BUNTING",
    "BUTTER", "BUTTON", "CABIN", "CABLE", "CANDLE", "CANOE", "CANVAS", "CARAVAN", "CARDIGAN",
    "CARPET", "CARROT", "CART", "CASHEW", "CASTLE", "CEDAR", "CELERY", "CELLO", "CEMENT", "CEREAL",
    "CHALK", "CHESTNUT", "CHIMNEY", "CINNAMON", "CITRUS", "CLARINET", "CLIPPER", "CLOCK", "CLOUD",
    "CLOVER", "COBALT", "COBBLE", "COMET", "COMPASS", "CONE", "COPPER", "CORK", "CORNER", "CORNET",
    "COTTAGE", "COTTON", "CRATE", "CRAYON", "CRUMPET", "CUPBOARD", "CURTAIN", "CUSHION", "CYMBAL",
    "CYPRESS", "DAFFODIL", "DENIM", "DIAGRAM", "DIAL", "DINGHY", "DOMINO", "DOORBELL", "DRUM",
    "DYNAMO", "EASEL", "EGGCUP", "ENGINE", "ENVELOPE", "ESTUARY", "FABRIC", "FANFARE", "FEATHER",
    "FENCE", "FERRY", "FIDDLE", "FLANNEL", "FLUTE", "FOGHORN", "FOLDER", "FOSSIL", "FOUNTAIN",
    "FRAME", "FUNNEL", "GADGET", "GALAXY", "GALLEON", "GARLAND", "GATE", "GAZEBO", "GLACIER",
    "GLOBE", "GLOVE", "GONDOLA", "GOURD", "GRANITE", "GRAVEL", "GUITAR", "HAMMOCK", "HAMPER",
    "HARBOUR", "HARP", "HAZELNUT", "HEDGE", "HELMET", "HINGE", "HOOP", "HORIZON", "HYDRANT",
    "ICICLE", "INKWELL", "JACKET", "JETTY", "JIGSAW", "KALE", "KAYAK", "KETTLE", "KEYBOARD",
    "KITE", "LACE", "LADDER", "LADLE", "LAGOON", "LAMP", "LANTERN", "LANYARD", "LARCH", "LATTICE",
    "LAVENDER", "LEAF", "LEDGER", "LEMON", "LENTIL", "LETTUCE", "LEVER", "LICHEN", "LINEN",
    "LOCKER", "LOCKET", "LOOM", "LOZENGE", "LUPIN", "MAGNET", "MAGNOLIA", "MANDOLIN", "MAPLE",
    "MARBLE", "MARKER", "MEADOW", "MEDAL", "METEOR", "MILLPOND", "MIRROR", "MITTEN", "MONSOON",
    "MOSAIC", "MUSTARD", "NAPKIN", "NECTAR", "NICKEL", "NOTEBOOK", "NOUGAT", "NUTMEG", "OAK",
    "OATCAKE", "OATMEAL", "OBOE", "OCTAGON", "OMELETTE", "ORCHARD", "ORCHID", "ORIGAMI", "PADDLE",
    "PANCAKE", "PANEL", "PANTRY", "PAPER", "PAPRIKA", "PARASOL", "PARCEL", "PARQUET", "PARSLEY",
    "PARSNIP", "PASTA", "PASTRY", "PEBBLE", "PEDAL", "PENCIL", "PENDULUM", "PENNANT", "PEPPER",
    "PERGOLA", "PETAL", "PIANO", "PICCOLO", "PICNIC", "PILLOW", "PLAID", "PLANET", "PLANK",
    "PLATE", "PLATEAU", "POCKET", "POLYGON", "PONCHO", "POPCORN", "POSTCARD", "POTTERY", "PRETZEL",
    "PRIMROSE", "PRISM", "PUDDLE", "PULLEY", "PURSE", "PUZZLE", "QUARTZ", "QUAY", "QUILT",
    "QUINCE", "RADISH", "RAFT", "RAINDROP", "REEF", "RHUBARB", "RIBBON", "RIVER", "ROOFTOP",
    "ROTOR", "RUDDER", "SADDLE", "SAIL", "SANDAL", "SAPLING", "SATCHEL", "SATURN", "SAUCER",
    "SAWDUST", "SCARF", "SCOOTER", "SEASHELL", "SEQUIN", "SHELF", "SHELL", "SHUTTER", "SHUTTLE",
    "SIGNAL", "SILVER", "SKETCH", "SLATE", "SLIPPER", "SNOWDROP", "SOCK", "SOUP", "SPINACH",
    "SPINDLE", "SPOOL", "SPOON", "STAMP", "STATUE", "STENCIL", "STOPPER", "STOVE", "STRING",
    "SUITCASE", "SUNBEAM", "SUNDIAL", "SUNSET", "SYRUP", "TABLE", "TANGRAM", "TAPESTRY", "TARTAN",
    "TEACUP", "TEAPOT", "TENT", "TERRACE", "THERMOS", "THICKET", "THIMBLE", "THISTLE", "TICKET",
    "TILE", "TIMBER", "TOAST", "TOFFEE", "TORCH", "TOWEL", "TRACTOR", "TRELLIS", "TRIANGLE",
    "TRIPOD", "TROLLEY", "TROWEL", "TRUMPET", "TULIP", "TUNIC", "TUNNEL", "TURBINE", "TWIG",
    "TYRE", "UKULELE", "UMBRELLA", "VALLEY", "VASE", "VELVET", "VERANDA", "VIADUCT", "VINYL",
    "VIOLIN", "VOYAGE", "WAFER", "WAFFLE", "WAGON", "WALLET", "WALNUT", "WHARF", "WHEEL",
    "WHISTLE", "WICKER", "WINDMILL", "WINDOW", "WOODCHIP", "WOOL", "YACHT", "YARN", "YOGURT",
    "ZIGZAG", "ZINC", "ZITHER",
];

/// Every word that a letter may hold besides code words, days, months, numbers and the
/// school's own name and link. A word that stands here is read by whoever sees a letter
/// on a lock screen: none speaks of a person, a role, a thing or a theme.
pub const LETTER_WORDS: &[&str] = &[
    "a",
    "about",
    "act",
    "also",
    "and",
    "answer",
    "anyone",
    "anything",
    "are",
    "arrived",
    "at",
    "be",
    "because",
    "become",
    "before",
    "blames",
    "by",
    "can",
    "card",
    "certain",
    "changed",
    "choose",
    "danger",
    "decide",
    "did",
    "do",
    "does",
    "end",
    "enough",
    "everybody",
    "fi",
    "first",
    "for",
    "fourth",
    "good",
    "hand",
    "has",
    "have",
    "holds",
    "home",
    "i",
    "if",
    "in",
    "is",
    "it",
    "judge",
    "late",
    "leave",
    "less",
    "letter",
    "list",
    "look",
    "lost",
    "matter",
    "may",
    "minutes",
    "moment",
    "monday",
    "more",
    "names",
    "need",
    "needs",
    "network",
    "new",
    "next",
    "no",
    "nobody",
    "none",
    "not",
    "noted",
    "nothing",
    "now",
    "number",
    "of",
    "on",
    "once",
    "one",
    "open",
    "or",
    "page",
    "pass",
    "person",
    "please",
    "press",
    "purpose",
    "quiet",
    "read",
    "remind",
    "ring",
    "s",
    "say",
    "says",
    "school",
    "second",
    "seen",
    "sent",
    "should",
    "since",
    "someone",
    "something",
    "stops",
    "taken",
    "that",
    "the",
    "there",
    "they",
    "thing",
    "things",
    "third",
    "this",
    "time",
    "to",
    "today",
    "told",
    "tonight",
    "trained",
    "two",
    "until",
    "wait",
    "want",
    "was",
    "we",
    "weekly",
    "were",
    "what",
    "whether",
    "which",
    "wi",
    "will",
    "works",
    "wrong",
    "yet",
    "you",
    "your",
];

/// Days and months as letters write them.
pub const CALENDAR_WORDS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_enough_calm_nouns_and_each_makes_code_words() {
        assert!(CALM_NOUNS.len() >= 200);
        assert_eq!(CALM_NOUNS.iter().collect::<BTreeSet<_>>().len(), CALM_NOUNS.len());
        for noun in CALM_NOUNS {
            assert!(facts::CodeWords::parse(&format!("{noun} 42")).is_ok(), "{noun}");
            let lower = noun.to_lowercase();
            assert!(!LETTER_WORDS.contains(&lower.as_str()), "{noun} is a word of letters");
            assert!(!CALENDAR_WORDS.contains(&lower.as_str()), "{noun}");
        }
    }

    #[test]
    fn no_calm_noun_and_no_word_of_letters_is_part_of_a_theme() {
        let themes: BTreeSet<String> = facts::Category::ALL
            .iter()
            .flat_map(|category| category.title().split(|c: char| !c.is_ascii_alphabetic()))
            .map(str::to_lowercase)
            .filter(|word| word.len() > 3 && word != "time" && word != "round")
            .collect();
        for word in CALM_NOUNS.iter().chain(LETTER_WORDS) {
            assert!(!themes.contains(&word.to_lowercase()), "{word}");
        }
    }
}
