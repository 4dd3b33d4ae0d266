//! The controls of a form: label, control, hint, error; what was typed stays after a refusal.

use std::fmt;

use askama::filters::HtmlSafe;

use super::form::Form;
use super::frame::Frame;
use super::html::esc;
use super::refusal;
use crate::error::{Code, Error};

/// Value and name of each choice of a select.
pub type Choices = Vec<(String, String)>;

/// The choices of a word list of the model, named in the language of the page.
pub fn choices<T: AsRef<str>>(
    frame: &Frame,
    section: &str,
    words: impl IntoIterator<Item = T>,
) -> Choices {
    words
        .into_iter()
        .map(|word| (word.as_ref().to_owned(), frame.word(section, word.as_ref())))
        .collect()
}

/// What a form shows: values, and what was refused.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    values: Vec<(String, String)>,
    /// The refusal, as a sentence.
    pub refusal: Option<String>,
    field: Option<String>,
    optional: String,
}

impl Fields {
    /// An empty form.
    pub fn new(frame: &Frame) -> Fields {
        Fields {
            optional: frame.t("common.optional").to_owned(),
            ..Fields::default()
        }
    }
    /// A form with values.
    pub fn with(frame: &Frame, values: impl IntoIterator<Item = (String, String)>) -> Fields {
        Fields {
            values: values.into_iter().collect(),
            ..Fields::new(frame)
        }
    }
    /// Sets a value.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Fields {
        self.values.retain(|(n, _)| n != name);
        self.values.push((name.to_owned(), value.into()));
        self
    }
    /// What was typed, and why it was refused.
    pub fn refused(frame: &Frame, form: &Form, error: &Error) -> Fields {
        Fields {
            values: form.fields.clone(),
            refusal: Some(refusal::sentence(frame, error)),
            // The key of a form is a field that nobody sees.
            field: (error.code != Code::IdempotencyKeyReused)
                .then(|| error.field.clone())
                .flatten(),
            ..Fields::new(frame)
        }
    }
    /// The value of a field.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value.as_str())
    }
    /// Whether a field has this value among its values.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(n, v)| n == name && v == value)
    }
    /// The note at the top of a refused form, with a link to the field.
    pub fn note(&self) -> super::html::Html {
        let Some(refusal) = &self.refusal else {
            return super::html::Html::default();
        };
        let text = match &self.field {
            Some(field) => format!("<a href=\"#{}\">{}</a>", id(field), esc(refusal)),
            None => esc(refusal),
        };
        super::html::Html(format!(
            "<div class=\"note bad\" role=\"alert\" tabindex=\"-1\" autofocus><p class=\"bad mk\">{text}</p></div>"
        ))
    }
    /// A one-line text.
    pub fn text(&self, name: &str, label: &str) -> Control {
        self.control(name, label, "text")
    }
    /// A password; what was typed is not shown again.
    pub fn password(&self, name: &str, label: &str) -> Control {
        let mut control = self.control(name, label, "password");
        control.value = String::new();
        control
    }
    /// A day.
    pub fn date(&self, name: &str, label: &str) -> Control {
        self.control(name, label, "date")
    }
    /// A number, typed as people write it.
    pub fn number(&self, name: &str, label: &str) -> Control {
        let mut control = self.control(name, label, "text");
        control
            .attributes
            .push(("inputmode".into(), "decimal".into()));
        control
    }
    /// Several lines.
    pub fn area(&self, name: &str, label: &str) -> Control {
        self.control(name, label, "area")
    }
    /// A box to tick.
    pub fn tick(&self, name: &str, label: &str) -> Control {
        let mut control = self.control(name, label, "checkbox");
        control.value = "1".into();
        control.ticked = !self.value(name).is_empty();
        control
    }
    /// One of a list; with [`Control::first`], an empty choice first.
    pub fn select(&self, name: &str, label: &str, choices: &[(String, String)]) -> Control {
        let mut control = self.control(name, label, "select");
        control.choices = choices.to_vec();
        control
    }
    fn control(&self, name: &str, label: &str, kind: &'static str) -> Control {
        let error = self
            .refusal
            .clone()
            .filter(|_| self.field.as_deref() == Some(name));
        Control {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            value: self.value(name).to_owned(),
            error,
            hint: None,
            note: None,
            optional: self.optional.clone(),
            choices: Vec::new(),
            others: Default::default(),
            attributes: Vec::new(),
            ticked: false,
        }
    }
}

/// Id of the control of a field.
fn id(name: &str) -> String {
    format!("f-{}", esc(name))
}

/// One control, shown by the template.
#[derive(Debug, Clone)]
pub struct Control {
    name: String,
    label: String,
    kind: &'static str,
    value: String,
    error: Option<String>,
    hint: Option<String>,
    note: Option<String>,
    optional: String,
    choices: Choices,
    others: (String, Choices),
    attributes: Vec<(String, String)>,
    ticked: bool,
}

impl Control {
    /// A line of help below.
    pub fn hint(mut self, hint: &str) -> Control {
        self.hint = Some(hint.to_owned());
        self
    }
    /// Says that it may stay empty.
    pub fn optional(mut self) -> Control {
        self.note = Some(self.optional.clone());
        self
    }
    /// Must be filled before the form is sent.
    pub fn required(self) -> Control {
        self.with("required", "")
    }
    /// Takes the cursor when the page opens.
    pub fn focus(self) -> Control {
        self.with("autofocus", "")
    }
    /// An attribute of the control.
    pub fn with(mut self, name: &str, value: &str) -> Control {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }
    /// Choices that suit less often, after the others and under a name of their own.
    pub fn others(mut self, name: &str, choices: &[(String, String)]) -> Control {
        self.others = (name.to_owned(), choices.to_vec());
        self
    }
    /// The empty choice of a select, first.
    pub fn first(mut self, name: &str) -> Control {
        self.choices.insert(0, (String::new(), name.to_owned()));
        self
    }
}

impl HtmlSafe for Control {}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, name) = (id(&self.name), esc(&self.name));
        let mut attributes = format!(" id=\"{id}\" name=\"{name}\"");
        let mut described = Vec::new();
        if self.hint.is_some() {
            described.push(format!("{id}-h"));
        }
        if self.error.is_some() {
            described.push(format!("{id}-e"));
            attributes.push_str(" aria-invalid=\"true\"");
        }
        if !described.is_empty() {
            attributes.push_str(&format!(" aria-describedby=\"{}\"", described.join(" ")));
        }
        for (name, value) in &self.attributes {
            if value.is_empty() {
                attributes.push_str(&format!(" {}", esc(name)));
            } else {
                attributes.push_str(&format!(" {}=\"{}\"", esc(name), esc(value)));
            }
        }
        let note = self
            .note
            .as_ref()
            .map(|note| format!(" <span class=\"soft\">({})</span>", esc(note)));
        let label = format!("{}{}", esc(&self.label), note.unwrap_or_default());
        if self.kind == "checkbox" {
            let ticked = if self.ticked { " checked" } else { "" };
            write!(
                f,
                "<div><label class=\"opt\" for=\"{id}\"><input type=\"checkbox\" value=\"{}\"{attributes}{ticked}>{label}</label>",
                esc(&self.value)
            )?;
        } else {
            write!(f, "<div><label for=\"{id}\">{label}</label>")?;
            self.write_control(f, &attributes)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "<p class=\"hint\" id=\"{id}-h\">{}</p>", esc(hint))?;
        }
        if let Some(error) = &self.error {
            write!(
                f,
                "<p class=\"err mk bad\" id=\"{id}-e\">{}</p>",
                esc(error)
            )?;
        }
        f.write_str("</div>")
    }
}

impl Control {
    fn options(&self, f: &mut fmt::Formatter<'_>, choices: &Choices) -> fmt::Result {
        for (value, name) in choices {
            let chosen = if *value == self.value {
                " selected"
            } else {
                ""
            };
            write!(
                f,
                "<option value=\"{}\"{chosen}>{}</option>",
                esc(value),
                esc(name)
            )?;
        }
        Ok(())
    }
    fn write_control(&self, f: &mut fmt::Formatter<'_>, attributes: &str) -> fmt::Result {
        match self.kind {
            "area" => write!(
                f,
                "<textarea rows=\"3\"{attributes}>\n{}</textarea>",
                esc(&self.value)
            ),
            "select" => {
                write!(f, "<select{attributes}>")?;
                self.options(f, &self.choices)?;
                let (name, others) = &self.others;
                if !others.is_empty() {
                    write!(f, "<optgroup label=\"{}\">", esc(name))?;
                    self.options(f, others)?;
                    f.write_str("</optgroup>")?;
                }
                f.write_str("</select>")
            }
            kind => write!(
                f,
                "<input type=\"{kind}\" value=\"{}\"{attributes}>",
                esc(&self.value)
            ),
        }
    }
}
