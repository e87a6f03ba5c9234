//! Made-up texts whose words are as unequal as those of a language: the word of rank `n` comes
//! about `1/n` as often as the first.

/// How many words there are.
const VOCABULARY: u32 = 20_000;

const CONSONANTS: &[u8] = b"bcdfghklmnprstvwz";
const VOWELS: &[u8] = b"aeiou";

/// A vocabulary and what is drawn from it.
pub(crate) struct Words {
    vocabulary: Vec<String>,
    rng: fastrand::Rng,
}

impl Words {
    /// A word that one case in five thousand has, and nothing else begins with.
    pub(crate) const RARE: &'static str = "xylophone";

    /// Whether the case at this place has the rare word.
    pub(crate) fn is_rare_in(place: usize) -> bool {
        place % 5_000 == 7
    }

    /// A vocabulary, the same for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        // All have six letters, so that none begins another.
        let mut seen = std::collections::BTreeSet::new();
        let mut vocabulary = Vec::new();
        while vocabulary.len() < VOCABULARY as usize {
            let word: String = (0..3).flat_map(|_| syllable(&mut rng)).collect();
            if seen.insert(word.clone()) {
                vocabulary.push(word);
            }
        }
        Self { vocabulary, rng }
    }

    /// The word of this rank, from 1.
    pub(crate) fn of_rank(&self, rank: usize) -> String {
        self.vocabulary.get(rank - 1).cloned().unwrap_or_default()
    }

    /// So many words.
    pub(crate) fn text(&mut self, words: usize) -> String {
        let mut text = String::with_capacity(words * 7);
        for at in 0..words {
            if at > 0 {
                text.push(' ');
            }
            text.push_str(self.draw());
        }
        text
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is far below 2^32 and not negative"
    )]
    fn draw(&mut self) -> &str {
        let rank = f64::from(VOCABULARY).powf(self.rng.f64()) as usize;
        self.vocabulary.get(rank - 1).map_or("", String::as_str)
    }
}

fn syllable(rng: &mut fastrand::Rng) -> [char; 2] {
    let letter = |rng: &mut fastrand::Rng, of: &[u8]| {
        char::from(rng.choice(of.iter()).copied().unwrap_or(b'a'))
    };
    [letter(rng, CONSONANTS), letter(rng, VOWELS)]
}
