//! From source text to tokens (promotion-engine 6.2).

use super::{
    error::{ExprError, Problem},
    token::{MARKS, Token, WORDS},
};
use crate::model::cursor::Cursor;

/// Reads all of `source`. Each token comes with the byte it begins at; the last is [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, usize)>, ExprError> {
    let mut lexer = Lexer { cursor: Cursor::new(source) };
    let mut out = Vec::new();
    loop {
        lexer.blanks().map_err(|(problem, at)| ExprError::new(problem, source, at))?;
        let at = lexer.cursor.at;
        let token = lexer.token().map_err(|problem| ExprError::new(problem, source, at))?;
        let end = token == Token::End;
        out.push((token, at));
        if end {
            return Ok(out);
        }
    }
}

/// Whether a name may begin with `c`.
pub(super) fn begins_name(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphabetic()
}

/// Whether a name may go on with `c`.
pub(super) fn in_name(c: char) -> bool {
    begins_name(c) || c.is_numeric()
}

struct Lexer<'a> {
    cursor: Cursor<'a>,
}

impl Lexer<'_> {
    fn blanks(&mut self) -> Result<(), (Problem, usize)> {
        loop {
            self.cursor.take_while(char::is_whitespace);
            if self.cursor.take("//") {
                self.cursor.take_while(|c| c != '\n');
            } else if self.cursor.rest().starts_with("/*") {
                let start = self.cursor.at;
                let length = self.cursor.rest().get(2..).and_then(|rest| rest.find("*/"));
                self.cursor.at += length.ok_or((Problem::UnclosedComment, start))? + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, Problem> {
        let Some(c) = self.cursor.peek() else { return Ok(Token::End) };
        let mut ahead = self.cursor.rest().chars();
        ahead.next();
        let second = ahead.next();
        match c {
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number(),
            '"' | '\'' => {
                self.cursor.next();
                Ok(Token::Text(self.quoted(c)?))
            }
            'b' | 'B' if matches!(second, Some('"' | '\'')) => {
                self.cursor.next();
                self.cursor.next();
                self.bytes(second.unwrap_or('"'))
            }
            '`' => {
                self.cursor.next();
                self.raw()
            }
            '(' | ')' | '[' | ']' | '{' | '}' => {
                self.cursor.next();
                Ok(Token::Bracket(c))
            }
            _ if begins_name(c) => {
                let name = self.cursor.take_while(in_name);
                let word = WORDS.iter().find(|word| **word == name);
                Ok(word.map_or_else(|| Token::Name(name.to_owned()), |word| Token::Op(word)))
            }
            _ => MARKS
                .iter()
                .find(|mark| self.cursor.take(mark))
                .map(|mark| Token::Op(mark))
                .ok_or(Problem::UnknownCharacter { found: c }),
        }
    }

    fn number(&mut self) -> Result<Token, Problem> {
        let start = self.cursor.at;
        let mut float = false;
        let digits = |c: char| c.is_ascii_digit() || c == '_';
        let radix = match self.cursor.rest().get(..2) {
            Some("0x" | "0X") => 16,
            Some("0o" | "0O") => 8,
            Some("0b" | "0B") => 2,
            _ => 10,
        };
        if radix == 10 {
            self.cursor.take_while(digits);
            if self.cursor.rest().starts_with('.') && !self.cursor.rest().starts_with("..") {
                self.cursor.next();
                float = true;
                self.cursor.take_while(digits);
            }
            if self.cursor.rest().starts_with(['e', 'E']) {
                self.cursor.next();
                float = true;
                if self.cursor.rest().starts_with(['+', '-']) {
                    self.cursor.next();
                }
                self.cursor.take_while(digits);
            }
        } else {
            self.cursor.at += 2;
            self.cursor.take_while(|c| c.is_digit(radix) || c == '_');
        }
        if self.cursor.peek().is_some_and(in_name) {
            self.cursor.next();
            let text = self.cursor.since(start).to_owned();
            return Err(Problem::NumberSyntax { text });
        }
        let text = self.cursor.since(start).to_owned();
        let plain = text.replace('_', "");
        if float {
            let value = plain.parse::<f64>().map_err(|_| Problem::NumberSyntax { text: text.clone() })?;
            return if value.is_finite() { Ok(Token::Float(value, text)) } else { Err(Problem::NumberRange { text }) };
        }
        let body = if radix == 10 { plain.as_str() } else { plain.get(2..).unwrap_or_default() };
        if body.is_empty() {
            return Err(Problem::NumberSyntax { text });
        }
        match i64::from_str_radix(body, radix) {
            Ok(value) => Ok(Token::Int(value, text)),
            Err(_) => Err(Problem::NumberRange { text }),
        }
    }

    fn raw(&mut self) -> Result<Token, Problem> {
        let mut out = String::new();
        loop {
            match self.cursor.next().ok_or(Problem::UnclosedText)? {
                '`' if self.cursor.take("`") => out.push('`'),
                '`' => return Ok(Token::Text(out)),
                c => out.push(c),
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, Problem> {
        let mut out = String::new();
        loop {
            match self.cursor.next() {
                None | Some('\n') => return Err(Problem::UnclosedText),
                Some(c) if c == quote => return Ok(out),
                Some('\\') => {
                    let code = match self.cursor.next() {
                        Some('u') => self.unicode()?,
                        Some('U') => self.digits(16, 8)?,
                        Some(c) => self.escape(c, quote)?,
                        None => return Err(Problem::UnclosedText),
                    };
                    let half_of_pair = (0xd800..0xe000).contains(&code);
                    let code = if half_of_pair { char::REPLACEMENT_CHARACTER.into() } else { code };
                    out.push(char::from_u32(code).ok_or(Problem::Escape)?);
                }
                Some(c) => out.push(c),
            }
        }
    }

    fn bytes(&mut self, quote: char) -> Result<Token, Problem> {
        let mut out = Vec::new();
        loop {
            match self.cursor.next() {
                None | Some('\n') => return Err(Problem::UnclosedText),
                Some(c) if c == quote => return Ok(Token::Bytes(out)),
                Some('\\') => {
                    let c = self.cursor.next().ok_or(Problem::UnclosedText)?;
                    out.push(u8::try_from(self.escape(c, quote)?).map_err(|_| Problem::Escape)?);
                }
                Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    fn unicode(&mut self) -> Result<u32, Problem> {
        if !self.cursor.take("{") {
            return self.digits(16, 4);
        }
        let text = self.cursor.take_while(|c| c.is_ascii_hexdigit());
        if !(1..=6).contains(&text.len()) || !self.cursor.take("}") {
            return Err(Problem::Escape);
        }
        u32::from_str_radix(text, 16).map_err(|_| Problem::Escape)
    }

    fn escape(&mut self, c: char, quote: char) -> Result<u32, Problem> {
        Ok(match c {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            '\\' => 92,
            'x' => self.digits(16, 2)?,
            '0'..='3' => c.to_digit(8).unwrap_or(0) * 64 + self.digits(8, 2)?,
            _ if c == quote => u32::from(c),
            _ => return Err(Problem::Escape),
        })
    }

    fn digits(&mut self, radix: u32, count: usize) -> Result<u32, Problem> {
        let mut value: u32 = 0;
        for _ in 0..count {
            let digit = self.cursor.next().and_then(|c| c.to_digit(radix)).ok_or(Problem::Escape)?;
            value = value.wrapping_mul(radix).wrapping_add(digit);
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 6.2: a range is no number with a point, a member may stand after `?.` only.
    #[test]
    fn longest_token_wins() {
        let all: Vec<_> = tokens("1..3 ?? .5 a?.b").unwrap().into_iter().map(|(token, _)| token.to_string()).collect();
        assert_eq!(
            all.join(" "),
            "Number(\"1\") Operator(\"..\") Number(\"3\") Operator(\"??\") Number(\".5\") Identifier(\"a\") \
             Operator(\"?.\") Identifier(\"b\") EOF"
        );
    }

    /// Promotion-engine 6.2: what begins no token.
    #[test]
    fn refused_texts() {
        for (source, problem) in [
            ("'a\n'", Problem::UnclosedText),
            (r#""\'""#, Problem::Escape),
            (r#""\400""#, Problem::Escape),
            (r#"b"\u0041""#, Problem::Escape),
            ("a & b", Problem::UnknownCharacter { found: '&' }),
            ("1 /* 2", Problem::UnclosedComment),
            ("12abc", Problem::NumberSyntax { text: "12a".into() }),
            ("9223372036854775808", Problem::NumberRange { text: "9223372036854775808".into() }),
        ] {
            assert_eq!(tokens(source).unwrap_err().problem(), &problem, "{source}");
        }
    }
}
