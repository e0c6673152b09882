package iostreams

// Color is a colour of text on a terminal.
type Color string

// The colours that commands use.
const (
	Red    Color = "31"
	Green  Color = "32"
	Yellow Color = "33"
	Grey   Color = "90"
)

// sequences are the terminal sequences that output may hold.
var sequences = []string{"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[90m"}

// Paint returns a text in a colour, and the text alone where there are no
// colours.
func (s IO) Paint(color Color, text string) string {
	if !s.Color {
		return text
	}
	return "\x1b[" + string(color) + "m" + text + "\x1b[0m"
}

// WithColor returns streams that use colours as the flag --color says: always,
// never, or auto.
func (s IO) WithColor(mode string) IO {
	switch mode {
	case "always":
		s.Color = true
	case "never":
		s.Color = false
	}
	return s
}
