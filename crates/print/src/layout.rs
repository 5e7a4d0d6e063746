//! Where on which page everything stands.

use krilla::image::Image;

use crate::text::{Style, Typefaces, Weight};
use crate::{Block, Document};

/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// White space at the sides, above and below.
pub(crate) const MARGIN: f32 = 56.0;
/// Where the last line of a page may end.
const BOTTOM: f32 = PAGE.1 - MARGIN - 24.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// Lines are this much higher than their letters.
const LEADING: f32 = 1.35;
/// Largest picture, in pixels: what is larger would take too much memory to open.
const PIXELS_MAX: u64 = 40_000_000;
/// Largest picture on a page, in points.
const IMAGE_MAX: (f32, f32) = (WIDTH, 360.0);
const DASH: &str = "\u{2013}";

const TITLE: Style = Style { weight: Weight::Bold, size: 18.0 };
const SECTION: Style = Style { weight: Weight::Bold, size: 12.5 };
const BODY: Style = Style { weight: Weight::Regular, size: 9.5 };
const STRONG: Style = Style { weight: Weight::Bold, size: 9.5 };
pub(crate) const SMALL: Style = Style { weight: Weight::Regular, size: 8.0 };

/// How dark something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Black,
    Gray,
}

/// Something on a page. Positions are in points from the upper left corner.
pub(crate) enum Mark {
    /// A line of text, at its base line.
    Text { at: (f32, f32), text: String, style: Style, ink: Ink },
    /// A thin line from one side to the other.
    Rule { y: f32 },
    /// A picture, at its upper left corner.
    Picture { at: (f32, f32), size: (f32, f32), image: Image },
}

/// Whether pictures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pictures {
    Shown,
    LeftOut,
}

/// Lays a document out.
pub(crate) fn pages(document: &Document, faces: &Typefaces, pictures: Pictures) -> Vec<Vec<Mark>> {
    let mut sheet = Sheet { faces, pictures, done: Vec::new(), page: Vec::new(), y: MARGIN };
    sheet.text(&document.title, TITLE, Ink::Black);
    if !document.subtitle.is_empty() {
        sheet.text(&document.subtitle, SMALL, Ink::Gray);
    }
    sheet.space(6.0);
    for block in &document.blocks {
        sheet.block(block);
    }
    if lacks_characters(document, faces) {
        sheet.space(10.0);
        sheet.text(
            "\u{25a1} stands for a character that the font of this document does not have.",
            SMALL,
            Ink::Gray,
        );
    }
    sheet.done.push(sheet.page);
    sheet.done
}

fn lacks_characters(document: &Document, faces: &Typefaces) -> bool {
    let of = |block: &Block| match block {
        Block::Section(text) | Block::Paragraph(text) | Block::Note(text) => faces.lacks(text),
        Block::Rows(rows) => rows.iter().any(|(name, value)| faces.lacks(name) || faces.lacks(value)),
        Block::Table { head, rows } => head.iter().chain(rows.iter().flatten()).any(|cell| faces.lacks(cell)),
        Block::Image { caption, .. } => faces.lacks(caption),
    };
    faces.lacks(&document.title) || faces.lacks(&document.subtitle) || document.blocks.iter().any(of)
}

/// The page that is being written.
struct Sheet<'f> {
    faces: &'f Typefaces,
    pictures: Pictures,
    done: Vec<Vec<Mark>>,
    page: Vec<Mark>,
    /// Where the next line begins.
    y: f32,
}

impl Sheet<'_> {
    /// Begins a new page unless there is room for a height on this one.
    fn make_room(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > MARGIN {
            self.done.push(std::mem::take(&mut self.page));
            self.y = MARGIN;
        }
    }

    fn space(&mut self, height: f32) {
        if self.y > MARGIN {
            self.y += height;
        }
    }

    fn rule(&mut self) {
        self.page.push(Mark::Rule { y: self.y });
        self.y += 4.0;
    }

    /// Writes one line at a distance from the left margin; the sheet does not move on.
    fn line(&mut self, x: f32, text: &str, style: Style, ink: Ink) {
        let at = (MARGIN + x, self.y + style.size);
        self.page.push(Mark::Text { at, text: text.to_owned(), style, ink });
    }

    fn text(&mut self, text: &str, style: Style, ink: Ink) {
        for line in self.faces.lines(text, style, WIDTH) {
            self.make_room(style.size * LEADING);
            self.line(0.0, &line, style, ink);
            self.y += style.size * LEADING;
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Section(heading) => {
                // A heading does not stand alone at the foot of a page.
                self.make_room(60.0);
                self.space(12.0);
                self.text(heading, SECTION, Ink::Black);
                self.rule();
                self.space(2.0);
            }
            Block::Paragraph(text) => {
                self.text(text, BODY, Ink::Black);
                self.space(4.0);
            }
            Block::Note(text) => {
                self.text(text, SMALL, Ink::Gray);
                self.space(4.0);
            }
            Block::Rows(rows) => {
                for (name, value) in rows {
                    let value = if value.trim().is_empty() { DASH } else { value };
                    self.cells(&[(0.0, 0.34, name, BODY, Ink::Gray), (0.36, 0.64, value, BODY, Ink::Black)]);
                }
                self.space(4.0);
            }
            Block::Table { head, rows } => self.table(head, rows),
            Block::Image { caption, bytes } => self.image(caption, bytes),
        }
    }

    /// Writes cells beside each other: `(left, width, text, style, ink)`, in parts of the width of the page.
    fn cells(&mut self, cells: &[(f32, f32, &str, Style, Ink)]) {
        let lines: Vec<Vec<String>> = cells
            .iter()
            .map(|(_, width, text, style, _)| self.faces.lines(text, *style, width * WIDTH))
            .collect();
        let count = lines.iter().map(Vec::len).max().unwrap_or_default();
        for row in 0..count {
            let height = BODY.size * LEADING;
            self.make_room(height);
            for ((left, _, _, style, ink), lines) in cells.iter().zip(&lines) {
                if let Some(line) = lines.get(row) {
                    self.line(left * WIDTH, line, *style, *ink);
                }
            }
            self.y += height;
        }
        self.y += 1.5;
    }

    fn table(&mut self, head: &[String], rows: &[Vec<String>]) {
        if head.is_empty() {
            return;
        }
        let shares = self.shares(head, rows);
        self.make_room(40.0);
        self.row(&shares, head, STRONG);
        self.rule();
        for row in rows {
            self.row(&shares, row, BODY);
        }
        self.space(6.0);
    }

    fn row(&mut self, shares: &[f32], cells: &[String], style: Style) {
        let mut left = 0.0;
        let mut placed = Vec::with_capacity(shares.len());
        for (share, cell) in shares.iter().zip(cells) {
            placed.push((left, share - 0.015, cell.as_str(), style, Ink::Black));
            left += share;
        }
        self.cells(&placed);
    }

    /// How wide each column is, in parts of the page: as its longest cell asks, within bounds.
    fn shares(&self, head: &[String], rows: &[Vec<String>]) -> Vec<f32> {
        let widest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).chain(head.get(column));
            let width = cells.map(|cell| self.faces.width(cell, STRONG)).fold(0.0, f32::max);
            width.clamp(WIDTH * 0.08, WIDTH * 0.5)
        };
        let widths: Vec<f32> = (0..head.len()).map(widest).collect();
        let total: f32 = widths.iter().sum();
        widths.into_iter().map(|width| width / total).collect()
    }

    fn image(&mut self, caption: &str, bytes: &[u8]) {
        let open = match self.pictures {
            Pictures::Shown => open(bytes),
            Pictures::LeftOut => None,
        };
        let Some((image, size)) = open else {
            let remark = format!("{caption} (this file cannot be shown here)");
            self.text(&remark, SMALL, Ink::Gray);
            self.space(4.0);
            return;
        };
        self.make_room(size.1 + 24.0);
        self.page.push(Mark::Picture { at: (MARGIN, self.y), size, image });
        self.y += size.1 + 3.0;
        self.text(caption, SMALL, Ink::Gray);
        self.space(8.0);
    }
}

/// Opens a picture and says how large it is shown.
fn open(bytes: &[u8]) -> Option<(Image, (f32, f32))> {
    let data = || bytes.to_vec().into();
    let image = match bytes {
        [0x89, b'P', b'N', b'G', ..] => Image::from_png(data(), true).ok()?,
        [0xff, 0xd8, 0xff, ..] => Image::from_jpeg(data(), true).ok()?,
        _ => return None,
    };
    let (width, height) = image.size();
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > PIXELS_MAX {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "pixels of pictures are far fewer than 2^24")]
    let (wide, high) = (width as f32, height as f32);
    // At 150 pixels to the inch, or smaller where it would not fit.
    let scale = (72.0_f32 / 150.0).min(IMAGE_MAX.0 / wide).min(IMAGE_MAX.1 / high);
    Some((image, (wide * scale, high * scale)))
}
