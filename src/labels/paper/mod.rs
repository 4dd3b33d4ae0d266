//! A4 papers of the house: a title, who it comes from, paragraphs, facts, a table whose head comes again on each page,
//! boxes to sign. Tagged for screen readers, with title and language. The words come from the caller.

mod fit;
mod write;

use crate::error::Result;

/// A paper.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// Language of its words: `fr` or `en`.
    pub lang: &'static str,
    /// Who it comes from; above the title.
    pub from: String,
    /// What stands at the foot of every page, left of the page number.
    pub foot: String,
    /// « page {n} sur {of} ».
    pub page: String,
    /// What it says, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a paper.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading inside the paper.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph in small letters: sources, notes.
    Small(String),
    /// Names and values, one a line.
    Facts(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// Boxes side by side for signatures, each with its words.
    Sign(Vec<String>),
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Title of each column, its share of the width, and whether its values are numbers.
    pub columns: Vec<(String, f64, bool)>,
    /// Rows, a text for each column.
    pub rows: Vec<Vec<String>>,
    /// A last row that stands on a double rule; none when empty.
    pub total: Vec<String>,
}

/// Draws a paper as PDF.
///
/// # Errors
/// `internal` when the pages cannot be packed.
pub fn draw(paper: &Paper) -> Result<Vec<u8>> {
    write::pdf(paper, &fit::pages(paper))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn paper(rows: usize) -> Paper {
        Paper {
            title: "État de réforme".into(),
            lang: "fr",
            from: "Val-de-Lierne Agglo".into(),
            foot: "Établi le 22 novembre 2026".into(),
            page: "page {n} sur {of}".into(),
            blocks: vec![
                Block::Text("Sont réformés les biens suivants.".into()),
                Block::Table(Table {
                    columns: vec![
                        ("Désignation".into(), 3.0, false),
                        ("Prix".into(), 1.0, true),
                    ],
                    rows: (0..rows)
                        .map(|i| vec![format!("Portable {i}"), "812,00 €".into()])
                        .collect(),
                    total: vec!["Total".into(), "1 €".into()],
                }),
                Block::Sign(vec!["Remis par".into(), "Reçu par".into()]),
            ],
        }
    }

    #[test]
    fn a_long_table_goes_on_with_its_head_on_each_page() {
        let pages = fit::pages(&paper(200)).sheets;
        assert!(pages.len() > 3, "{}", pages.len());
        for page in &pages {
            let has = |text: &str| page.iter().any(|run| run.says(text));
            assert!(has("Désignation") || !has("Portable"));
        }
    }

    #[test]
    fn a_word_wider_than_its_column_is_broken_and_nothing_of_it_is_lost() {
        let mut wide = paper(1);
        let serial = "X".repeat(300);
        if let Some(Block::Table(table)) = wide.blocks.get_mut(1) {
            table.rows = vec![vec![serial, String::new()]];
        }
        let pages = fit::pages(&wide).sheets;
        let kept: usize = pages.iter().flatten().map(|run| run.count('X')).sum();
        assert_eq!(kept, 300);
    }

    #[test]
    fn it_is_a_pdf_that_says_its_title_and_language() {
        let bytes = draw(&paper(3)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.starts_with("%PDF-")
                && text.contains("/Lang (fr)")
                && text.contains("/StructTreeRoot")
        );
    }
}
