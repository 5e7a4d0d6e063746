//! What a reader finds in the PDF.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use lopdf::Document as Pdf;
use muster_print::Document;

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..width * height).flat_map(|at| [(at % 256) as u8, 90, 160]).collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

fn sample() -> Document {
    let mut document = Document::new("Verification", "ver_1 · 2026-11-23")
        .with_footer("Muster · printed 2026-11-23T20:00:00Z");
    document
        .section("Attributes")
        .rows([
            ("Name", "Erika Mustermann"),
            ("Имя", "Иван Петров"),
            ("Όνομα", "Ελένη Παπαδοπούλου"),
            ("Empty", ""),
        ])
        .paragraph("Łódź, Þórður, Ærøskøbing: żółć ğüşıöç ñ ß € „Anführung“.")
        .section("Checks")
        .table(
            ["Name", "Status", "Reasons"],
            [
                vec!["id_mrz_detection".into(), "passed".into(), String::new()],
                vec!["id_expired_detection".into(), "failed".into(), "expired".into()],
            ],
        )
        .note("A remark.")
        .image("Front", picture(300, 190));
    document
}

/// The text of all pages without white space, which the layout decides.
fn text(pdf: &[u8]) -> String {
    let pdf = Pdf::load_mem(pdf).unwrap();
    let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
    pdf.extract_text(&pages).unwrap().split_whitespace().collect()
}

#[test]
fn all_that_was_put_in_can_be_read_again() {
    let text = text(&sample().to_pdf().unwrap());
    for part in [
        "Verification",
        "ver_1·2026-11-23",
        "ErikaMustermann",
        "ИванПетров",
        "ΕλένηΠαπαδοπούλου",
        "Łódź,Þórður,Ærøskøbing",
        "żółćğüşıöçñß€„Anführung“",
        "id_expired_detection",
        "failed",
        "Aremark.",
        "Front",
        "1/1",
        "Muster·printed",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains('\u{25a1}'), "{text}");
}

#[test]
fn one_document_is_always_the_same_bytes() {
    assert_eq!(sample().to_pdf().unwrap(), sample().to_pdf().unwrap());
}

#[test]
fn what_the_font_lacks_is_a_box_and_the_document_says_so() {
    let mut document = Document::new("名前", "");
    document.rows([("Name", "田中 Tanaka\u{0}\u{7}")]);
    let text = text(&document.to_pdf().unwrap());
    assert!(text.contains("□□Tanaka"), "{text}");
    assert!(text.contains("standsforacharacter"), "{text}");
}

#[test]
fn long_documents_go_on_on_further_pages_and_nothing_is_lost() {
    let mut document = Document::new("Long", "").with_footer("footer ".repeat(100));
    document.table(["No", "Text"], (0..400).map(|row| vec![format!("row{row}."), "word ".repeat(row % 60)]));
    document.paragraph("x".repeat(3_000));
    let bytes = document.to_pdf().unwrap();
    let pdf = Pdf::load_mem(&bytes).unwrap();
    let pages = pdf.get_pages().len();
    assert!(pages > 8, "{pages}");
    let text = text(&bytes);
    for row in 0..400 {
        assert!(text.contains(&format!("row{row}.")), "{row}");
    }
    assert!(text.matches('x').count() >= 3_000);
    assert!(text.contains(&format!("{pages}/{pages}")));
}

#[test]
fn damaged_or_foreign_pictures_leave_a_remark_and_the_rest() {
    let mut cut = picture(200, 200);
    cut.truncate(cut.len() / 2);
    let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 400]].concat();
    for bytes in [cut, jpeg, b"%PDF-1.4".to_vec(), Vec::new(), b"\x89PNG\r\n\x1a\nnothing".to_vec()] {
        let mut document = Document::new("Picture", "");
        document.image("Front of the card", bytes).paragraph("after");
        let text = text(&document.to_pdf().unwrap());
        assert!(text.contains("Frontofthecard(thisfilecannotbeshownhere)"), "{text}");
        assert!(text.contains("after"), "{text}");
    }
}

#[test]
fn a_document_of_nothing_is_a_page() {
    let text = text(&Document::default().to_pdf().unwrap());
    assert_eq!(text, "1/1");
}

#[test]
fn nothing_personal_prints_in_logs() {
    let printed = format!("{:?}", sample());
    assert!(!printed.contains("Erika") && printed.contains("[redacted]"), "{printed}");
}

#[test]
fn the_sample_can_be_looked_at() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("sample.pdf");
    std::fs::write(&path, sample().to_pdf().unwrap()).unwrap();
    assert!(path.metadata().unwrap().len() > 5_000);
}
