//! The marks of the house: the tag, the stage, what the media hold. Templates call them on the frame.

use super::frame::Frame;
use super::html::{Html, esc, url};
use crate::domain::tag::Tag;
use crate::domain::words::{Data, Stage};

impl Frame {
    /// A device's tag, leading to its page.
    pub fn tag(&self, tag: &str) -> Html {
        let shown = Tag::stored(tag).shown();
        Html(format!(
            "<a class=\"tag\" href=\"/devices/{}\">{}</a>",
            url(tag),
            esc(&shown)
        ))
    }
    /// A device's tag, large, leading nowhere.
    pub fn big_tag(&self, tag: &str) -> Html {
        Html(format!(
            "<span class=\"tag big\">{}</span>",
            esc(&Tag::stored(tag).shown())
        ))
    }
    /// A tag as text.
    pub fn tag_text(&self, tag: &str) -> String {
        Tag::stored(tag).shown()
    }
    /// The stage: a shape and the word.
    pub fn stage(&self, stage: &Stage) -> Html {
        let word = stage.as_str();
        Html(format!(
            "<span class=\"st {word}\">{}</span>",
            esc(&self.word("stage", word))
        ))
    }
    /// What the media hold: a mark where something is to be done.
    pub fn data(&self, data: &Data) -> Html {
        let word = esc(&self.word("data", data.as_str()));
        Html(match data {
            Data::Holds => format!("<span class=\"warn mk\">{word}</span>"),
            Data::Purged | Data::Destroyed => format!("<span class=\"ok mk\">{word}</span>"),
            _ => word,
        })
    }
    /// The hidden fields of every form: the token, and the key that makes it count once.
    pub fn hidden(&self) -> Html {
        Html(format!(
            "<input type=\"hidden\" name=\"csrf\" value=\"{}\"><input type=\"hidden\" name=\"key\" value=\"{}\">",
            esc(&self.csrf),
            esc(&self.key())
        ))
    }
}
