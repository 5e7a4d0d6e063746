//! Pages become bytes.

use krilla::Document as Pdf;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Size, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::TextDirection;

use crate::layout::{Ink, MARGIN, Mark, PAGE, Pictures, SMALL, pages};
use crate::text::Typefaces;
use crate::{CannotPrint, Document};

/// Makes the PDF. Where a picture turns out to be damaged, it is made again without pictures.
pub(crate) fn to_pdf(document: &Document) -> Result<Vec<u8>, CannotPrint> {
    let faces = Typefaces::load()?;
    match write(document, &faces, Pictures::Shown) {
        Err(CannotPrint) => write(document, &faces, Pictures::LeftOut),
        pdf => pdf,
    }
}

fn write(document: &Document, faces: &Typefaces, pictures: Pictures) -> Result<Vec<u8>, CannotPrint> {
    let pages = pages(document, faces, pictures);
    let mut pdf = Pdf::new();
    pdf.set_metadata(Metadata::new().title(document.title.clone()).creator("Muster".to_owned()));
    let count = pages.len();
    for (index, marks) in pages.into_iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(CannotPrint)?;
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, faces, mark)?;
        }
        for mark in foot(document, faces, index + 1, count) {
            draw(&mut surface, faces, mark)?;
        }
        surface.finish();
        page.finish();
    }
    pdf.finish().map_err(|_| CannotPrint)
}

/// What stands at the foot of a page.
fn foot(document: &Document, faces: &Typefaces, number: usize, of: usize) -> [Mark; 2] {
    let y = PAGE.1 - MARGIN;
    let page = format!("{number} / {of}");
    let right = PAGE.0 - MARGIN - faces.width(&page, SMALL);
    // One line only: what is longer is cut.
    let room = right - MARGIN - 12.0;
    let footer = faces.lines(&document.footer, SMALL, room).into_iter().next().unwrap_or_default();
    let mark = |x, text| Mark::Text { at: (x, y), text, style: SMALL, ink: Ink::Gray };
    [mark(MARGIN, footer), mark(right, page)]
}

fn draw(surface: &mut Surface<'_>, faces: &Typefaces, mark: Mark) -> Result<(), CannotPrint> {
    match mark {
        Mark::Text { at, text, style, ink } => {
            let fill = Fill { paint: color(ink).into(), opacity: NormalizedF32::ONE, ..Fill::default() };
            surface.set_fill(Some(fill));
            surface.set_stroke(None);
            let at = Point::from_xy(at.0, at.1);
            surface.draw_text(at, faces.font(style.weight), style.size, &text, false, TextDirection::Auto);
        }
        Mark::Rule { y } => {
            let mut path = PathBuilder::new();
            path.move_to(MARGIN, y);
            path.line_to(PAGE.0 - MARGIN, y);
            let path = path.finish().ok_or(CannotPrint)?;
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: color(Ink::Gray).into(),
                width: 0.5,
                ..Stroke::default()
            }));
            surface.draw_path(&path);
        }
        Mark::Picture { at, size, image } => {
            let size = Size::from_wh(size.0, size.1).ok_or(CannotPrint)?;
            surface.push_transform(&Transform::from_translate(at.0, at.1));
            surface.draw_image(image, size);
            surface.pop();
        }
    }
    Ok(())
}

fn color(ink: Ink) -> rgb::Color {
    match ink {
        Ink::Black => rgb::Color::new(24, 24, 27),
        Ink::Gray => rgb::Color::new(110, 110, 118),
    }
}
