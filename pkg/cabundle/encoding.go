package cabundle

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

var blanks = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")

// decodeBase64 decodes the standard alphabet with padding, broken in lines or not.
func decodeBase64(s string) ([]byte, bool) {
	raw, err := base64.StdEncoding.DecodeString(blanks.Replace(s))
	return raw, err == nil
}

// utf8 converts text with a byte order mark to UTF-8 and reports it.
func (r *reader) utf8(data []byte) string {
	for _, form := range []struct {
		mark, name string
		order      binary.ByteOrder
	}{
		{"\xef\xbb\xbf", "a byte order mark at the start", nil},
		{"\xff\xfe", "UTF-16", binary.LittleEndian},
		{"\xfe\xff", "UTF-16", binary.BigEndian},
	} {
		rest, marked := bytes.CutPrefix(data, []byte(form.mark))
		if !marked {
			continue
		}
		r.found("T116", 1, "%s", form.name)
		if form.order == nil {
			return string(rest)
		}
		return decodeUTF16(rest, form.order)
	}
	return string(data)
}

func decodeUTF16(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// bytesText formats a size, exactly if it is near a limit.
func bytesText(n int) string {
	if n < 10*MaxObject {
		return strconv.Itoa(n) + " bytes"
	}
	return strconv.Itoa(n>>20) + " MiB"
}
