//! A CSV file with a required heading, read row by row with line numbers.

use super::fault::{Fault, shown};

/// A heading that was understood: which column stands where.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    file: String,
    places: Vec<Option<usize>>,
    columns: &'static [Column],
    width: usize,
}

/// A column that a file may have.
#[derive(Debug)]
pub(super) struct Column {
    /// The heading, lower case.
    pub name: &'static str,
    /// Whether the file is useless without it.
    pub required: bool,
}

/// One row with its line number.
#[derive(Debug)]
pub(super) struct Row<'a> {
    heading: &'a Heading,
    /// The line, counted from 1.
    pub line: u64,
    fields: Vec<String>,
}

impl Heading {
    /// Reads the first record of a file.
    ///
    /// # Errors
    /// Every unknown, missing and repeated column.
    pub(super) fn read(
        file: &str,
        record: &csv::ByteRecord,
        columns: &'static [Column],
    ) -> Result<Self, Vec<Fault>> {
        let fault = |column: Option<&str>, what: String, mend: String| Fault {
            file: file.to_owned(),
            line: 1,
            column: column.map(ToOwned::to_owned),
            what,
            mend,
        };
        let allowed: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let allowed = allowed.join(",");
        let mut places = vec![None; columns.len()];
        let mut faults = Vec::new();
        for (index, field) in record.iter().enumerate() {
            let heading = String::from_utf8_lossy(field);
            let heading = heading.trim_start_matches('\u{feff}').trim().to_lowercase();
            match columns.iter().position(|column| column.name == heading) {
                None => faults.push(fault(
                    None,
                    format!("unknown column {}", shown(&heading)),
                    format!("The columns are {allowed}, separated by commas"),
                )),
                Some(place) if places[place].is_some() => faults.push(fault(
                    Some(columns[place].name),
                    "the column stands twice".to_owned(),
                    "Keep one of the two".to_owned(),
                )),
                Some(place) => places[place] = Some(index),
            }
        }
        for (column, place) in columns.iter().zip(&places) {
            if column.required && place.is_none() {
                faults.push(fault(
                    Some(column.name),
                    "the column is missing".to_owned(),
                    format!("Add it to the first line; the columns are {allowed}"),
                ));
            }
        }
        if faults.is_empty() {
            Ok(Self { file: file.to_owned(), places, columns, width: record.len() })
        } else {
            Err(faults)
        }
    }

    /// Reads the rows of a text that follows the heading; `first_line` is the number of
    /// its first line. A row that can not be read becomes a fault, the others are kept.
    pub(super) fn rows<'a>(
        &'a self,
        text: &[u8],
        first_line: u64,
        faults: &mut Vec<Fault>,
    ) -> Vec<Row<'a>> {
        let mut rows = Vec::new();
        let mut reader = reader(text);
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(false) => return rows,
                Ok(true) => {
                    let line = record.position().map_or(1, csv::Position::line);
                    let line = line.saturating_sub(1).saturating_add(first_line);
                    match self.row(&record, line) {
                        Ok(row) => rows.extend(row),
                        Err(fault) => faults.push(*fault),
                    }
                }
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    let line = line.saturating_sub(1).saturating_add(first_line);
                    faults.push(self.fault(line, None, "the row can not be read", "Mend it"));
                    return rows;
                }
            }
        }
    }

    fn row(&self, record: &csv::ByteRecord, line: u64) -> Result<Option<Row<'_>>, Box<Fault>> {
        let fault = |what: &str, mend: &str| Box::new(self.fault(line, None, what, mend));
        let fields: Option<Vec<String>> = record
            .iter()
            .map(|field| std::str::from_utf8(field).ok().map(|text| text.trim().to_owned()))
            .collect();
        let fields =
            fields.ok_or_else(|| fault("the row is not UTF-8", "Save the file as CSV UTF-8"))?;
        if fields.iter().all(String::is_empty) {
            return Ok(None);
        }
        if fields.iter().any(|field| field.contains(['\n', '\r'])) {
            return Err(fault(
                "a value in quotes goes on over the end of the line",
                "Close its quotation mark, or double one that belongs to the value",
            ));
        }
        if fields.iter().any(|field| field.chars().any(char::is_control)) {
            return Err(fault("a field holds a control character", "Remove it"));
        }
        if fields.len() != self.width {
            return Err(Box::new(Fault {
                file: self.file.clone(),
                line,
                column: None,
                what: format!("the row has {} columns, the heading {}", fields.len(), self.width),
                mend: "Check the commas, and put a value that holds one in quotes".to_owned(),
            }));
        }
        Ok(Some(Row { heading: self, line, fields }))
    }

    fn fault(&self, line: u64, column: Option<&str>, what: &str, mend: &str) -> Fault {
        Fault {
            file: self.file.clone(),
            line,
            column: column.map(ToOwned::to_owned),
            what: what.to_owned(),
            mend: mend.to_owned(),
        }
    }
}

impl Row<'_> {
    /// A field by its heading; `None` where it is empty or the file has no such column.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let place = self.heading.columns.iter().position(|column| column.name == name)?;
        let field = self.fields.get((*self.heading.places.get(place)?)?)?;
        Some(field.as_str()).filter(|text| !text.is_empty())
    }

    /// A fault of this row.
    pub(super) fn fault(&self, column: &str, what: impl Into<String>, mend: &str) -> Fault {
        self.heading.fault(self.line, Some(column), &what.into(), mend)
    }
}

/// A reader that takes rows of any width, so that each fault is ours to word.
pub(super) fn reader(text: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text)
}

/// Parts a file into its heading and the rest, which begins at the given line.
///
/// # Errors
/// An empty file, or a heading that is not understood.
pub(super) fn open<'a>(
    file: &str,
    text: &'a [u8],
    columns: &'static [Column],
) -> Result<(Heading, &'a [u8], u64), Vec<Fault>> {
    let refused = |what: &str, mend: &str| {
        let (what, mend) = (what.to_owned(), mend.to_owned());
        vec![Fault { file: file.to_owned(), line: 1, column: None, what, mend }]
    };
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Err(refused("the file is written in UTF-16", "Save it as CSV UTF-8"));
    }
    let mut reader = reader(text);
    let mut record = csv::ByteRecord::new();
    let found = reader.read_byte_record(&mut record).unwrap_or(false);
    if !found {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        return Err(vec![Fault {
            file: file.to_owned(),
            line: 1,
            column: None,
            what: "the file is empty".to_owned(),
            mend: format!("Its first line is {}", names.join(",")),
        }]);
    }
    if let [only] = &record.iter().collect::<Vec<_>>()[..]
        && only.contains(&b';')
    {
        let what = "its columns are separated by semicolons";
        return Err(refused(what, "Save it as CSV with commas"));
    }
    let heading = Heading::read(file, &record, columns)?;
    let end = usize::try_from(reader.position().byte()).unwrap_or(text.len()).min(text.len());
    Ok((heading, &text[end..], reader.position().line()))
}
