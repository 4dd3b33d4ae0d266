//! The table that the README shows.

/// Rows as they come.
pub struct Table {
    title: String,
    rows: Vec<[String; 6]>,
}

impl Table {
    /// An empty table.
    pub fn new(devices: u32, rounds: usize) -> Table {
        Table {
            title: format!("{devices} devices, median of {rounds} interleaved rounds"),
            rows: Vec::new(),
        }
    }

    /// A job, its three figures, what is asked of it and whether it holds. Progress goes to stderr.
    pub fn row(
        &mut self,
        job: &str,
        ours: f64,
        bare: Option<f64>,
        naked: Option<f64>,
        asked: &str,
        holds: bool,
    ) {
        let limit = bare.or(naked);
        let row = [
            job.to_owned(),
            number(ours),
            bare.map(number).unwrap_or_default(),
            naked.map(number).unwrap_or_default(),
            limit
                .map(|l| format!("{:.2}", ours / l))
                .unwrap_or_default(),
            format!(
                "{asked}{}",
                if asked.is_empty() || holds {
                    ""
                } else {
                    ": **not reached**"
                }
            ),
        ];
        eprintln!("{}", row.join(" | "));
        self.rows.push(row);
    }

    /// Prints it as Markdown on stdout.
    pub fn print(&self) {
        println!("{}\n", self.title);
        println!("| job | Reparc | bare | naked | ratio | asked |");
        println!("|---|---:|---:|---:|---:|---|");
        for row in &self.rows {
            println!("| {} |", row.join(" | "));
        }
    }
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Three significant figures, thousands apart.
fn number(value: f64) -> String {
    if !(100.0..).contains(&value.abs()) {
        return format!("{:.*}", if value.abs() < 10.0 { 2 } else { 1 }, value);
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
