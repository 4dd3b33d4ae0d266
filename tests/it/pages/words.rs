//! Every text of the pages is there, in both languages.

use std::path::{Path, PathBuf};

use reparc::i18n::{Lang, find, table};

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

#[test]
fn no_page_asks_for_a_text_that_is_not_there() {
    let mut all = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/pages"),
        &mut all,
    );
    let mut asked = 0;
    for path in all
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "html" || e == "rs"))
    {
        let text = std::fs::read_to_string(path).unwrap();
        for call in [".t(\"", ".tn(\"", ".tx(\"", ".say(\""] {
            for (at, _) in text.match_indices(call) {
                let key = text[at + call.len()..].split('"').next().unwrap();
                let (section, name) = key
                    .split_once('.')
                    .unwrap_or_else(|| panic!("{}: {key}", path.display()));
                for lang in Lang::ALL {
                    assert!(
                        find(lang, section, name).is_some(),
                        "{}: {key} in {}",
                        path.display(),
                        lang.code()
                    );
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 50, "{asked}");
}

#[test]
fn both_languages_say_the_same_things() {
    let keys = |lang| -> Vec<String> {
        table(lang)
            .iter()
            .flat_map(|(section, all)| all.keys().map(move |key| format!("{section}.{key}")))
            .collect()
    };
    assert_eq!(keys(Lang::Fr), keys(Lang::En));
}

/// ui.md §4: no exclamation mark, no "Oups", no "succès"; a narrow no-break space before ; ! ? in French.
#[test]
fn french_is_set_as_french() {
    for (section, sentences) in table(Lang::Fr) {
        for (key, text) in sentences {
            let where_ = format!("{section}.{key}: {text}");
            assert!(
                !text.contains("Oups") && !text.contains("succès") && !text.contains("SVP"),
                "{where_}"
            );
            assert!(!text.contains('\''), "the apostrophe is ’: {where_}");
            for mark in [" ;", " ?", " !", " :", "« ", " »", " %"] {
                assert!(
                    !text.contains(mark),
                    "a breaking space at {mark:?}: {where_}"
                );
            }
        }
    }
}

/// What an import cannot take, and every column it can read, has its words.
#[test]
fn every_reason_and_every_column_of_an_import_is_said() {
    use reparc::exchange::draft::Why;
    use reparc::exchange::profiles::Field;
    for lang in Lang::ALL {
        for why in Why::ALL {
            let said = |section, key| {
                assert!(find(lang, section, key).is_some(), "{section}.{key}");
            };
            said("problem_text", why.reason());
            said("problem", why.code());
        }
        let reasons = table(lang)["problem_text"].keys();
        for reason in reasons {
            assert!(
                Why::ALL.iter().any(|why| why.reason() == reason),
                "{reason}"
            );
        }
        for field in Field::NAMES {
            assert!(find(lang, "field", field).is_some(), "{field}");
        }
    }
}
