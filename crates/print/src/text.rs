//! Fonts: how wide a text is, where its lines break, which characters can be shown.

use krilla::text::Font;
use ttf_parser::Face;

use crate::CannotPrint;

/// What stands for a character that the font lacks.
const MISSING: char = '\u{25a1}';

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// A font and its size, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    pub(crate) size: f32,
}

/// One weight of the font.
struct Typeface {
    face: Face<'static>,
    font: Font,
}

impl Typeface {
    fn load(data: &'static [u8]) -> Result<Self, CannotPrint> {
        let face = Face::parse(data, 0).map_err(|_| CannotPrint)?;
        let font = Font::new(data.to_vec().into(), 0).ok_or(CannotPrint)?;
        Ok(Self { face, font })
    }

    fn advance(&self, character: char) -> f32 {
        let glyph = self.face.glyph_index(character).unwrap_or_default();
        f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default())
            / f32::from(self.face.units_per_em())
    }
}

/// Both weights.
pub(crate) struct Typefaces {
    regular: Typeface,
    bold: Typeface,
}

impl Typefaces {
    pub(crate) fn load() -> Result<Self, CannotPrint> {
        Ok(Self {
            regular: Typeface::load(dejavu::sans::regular())?,
            bold: Typeface::load(dejavu::sans::bold())?,
        })
    }

    fn of(&self, weight: Weight) -> &Typeface {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub(crate) fn font(&self, weight: Weight) -> Font {
        self.of(weight).font.clone()
    }

    /// How wide a text is, in points.
    pub(crate) fn width(&self, text: &str, style: Style) -> f32 {
        let typeface = self.of(style.weight);
        text.chars().map(|character| typeface.advance(character)).sum::<f32>() * style.size
    }

    /// The text as it can be shown: tabs are spaces, control characters go, what the font lacks is a box.
    pub(crate) fn showable(&self, text: &str) -> String {
        let face = &self.regular.face;
        let show = |character: char| match character {
            '\t' | '\r' => Some(' '),
            '\n' => Some('\n'),
            _ if character.is_control() => None,
            _ if is_joiner(character) => Some(character),
            _ if face.glyph_index(character).is_some() => Some(character),
            _ => Some(MISSING),
        };
        text.chars().filter_map(show).collect()
    }

    /// Whether the font lacks a character of a text.
    pub(crate) fn lacks(&self, text: &str) -> bool {
        let face = &self.regular.face;
        let shown = |c: char| c.is_control() || is_joiner(c) || face.glyph_index(c).is_some();
        !text.chars().all(shown)
    }

    /// Breaks a text into lines of a width: between words, and within those that are too long.
    pub(crate) fn lines(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in self.showable(text).split('\n') {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(&longer, style) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line = self.cut(word, style, width, &mut lines);
            }
            lines.push(line);
        }
        lines
    }

    /// Puts what fills lines of a word into them, and returns the rest.
    fn cut(&self, word: &str, style: Style, width: f32, lines: &mut Vec<String>) -> String {
        let mut line = String::new();
        let mut filled = 0.0;
        for character in word.chars() {
            let advance = self.of(style.weight).advance(character) * style.size;
            if filled + advance > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                filled = 0.0;
            }
            line.push(character);
            filled += advance;
        }
        line
    }
}

/// Characters that only tell how others stand together.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}
