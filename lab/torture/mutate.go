package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// damage changes bytes without regard to what they mean.
func damage(r *rand.Rand, data []byte) []byte {
	data = slices.Clone(data)
	for range 1 + r.IntN(4) {
		if len(data) == 0 {
			return []byte{byte(r.Uint32())}
		}
		at := r.IntN(len(data))
		end := min(len(data), at+1+r.IntN(40))
		switch r.IntN(9) {
		case 0:
			data[at] ^= 1 << r.IntN(8)
		case 1:
			data[at] = byte(r.Uint32())
		case 2:
			data = data[:at]
		case 3:
			data = slices.Delete(data, at, end)
		case 4:
			data = slices.Insert(data, at, slices.Clone(data[at:end])...)
		case 5:
			data = slices.Insert(data, at, noise(r, 1+r.IntN(20))...)
		case 6:
			data[at] = pick(r, []byte{0, 0xff, 0x7f, 0x80, '\n', '\r', 0x1b, '-'})
		case 7:
			data = data[at:]
		case 8:
			other := r.IntN(len(data))
			data[at], data[other] = data[other], data[at]
		}
	}
	return data
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// wrongLength changes a length of DER: that of the outermost value or of one
// somewhere inside.
func wrongLength(r *rand.Rand, der []byte) []byte {
	der = slices.Clone(der)
	var at []int
	for i := 0; i+1 < len(der) && i < 4096; i++ {
		if slices.Contains([]byte{0x30, 0x31, 0x02, 0x03, 0x04, 0x06, 0xa0, 0xa3}, der[i]) {
			at = append(at, i+1)
		}
	}
	if len(at) == 0 {
		return damage(r, der)
	}
	i := pick(r, at)
	switch r.IntN(5) {
	case 0:
		der[i] = pick(r, []byte{0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff})
	case 1:
		der[i]++
	case 2:
		der[i]--
	case 3:
		der = slices.Insert(der, i, 0x84, 0x7f, 0xff, 0xff, 0xff)
	case 4:
		der = slices.Insert(der, i, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	}
	return der
}

var pemBlock = regexp.MustCompile(`(?s)-----BEGIN [^-\n]*-----.*?-----END [^-\n]*-----\r?\n?`)

// bend changes the form of a PEM file, and leaves most certificates as they are.
func bend(r *rand.Rand, text []byte) []byte {
	blocks := pemBlock.FindAll(text, -1)
	if len(blocks) == 0 {
		return damage(r, text)
	}
	block := pick(r, blocks)
	switch r.IntN(16) {
	case 0:
		return bytes.Repeat(block, 2+r.IntN(5))
	case 1: // a block inside a block
		at := r.IntN(len(text))
		return slices.Concat(text[:at], block, text[at:])
	case 2:
		return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	case 3:
		return bytes.ReplaceAll(text, []byte("\n"), []byte("\r"))
	case 4:
		return append([]byte("\xef\xbb\xbf"), text...)
	case 5:
		return utf16Of(string(text), r.IntN(2) == 0)
	case 6:
		return []byte(base64.StdEncoding.EncodeToString(text))
	case 7:
		return bytes.ReplaceAll(text, []byte("-----"), []byte(pick(r, []string{"----", "------", "-----\t", "—", "- - -"})))
	case 8:
		return bytes.ReplaceAll(text, []byte("CERTIFICATE"), []byte(pick(r, []string{"TRUSTED CERTIFICATE", "X509 CERTIFICATE", "certificate", "PRIVATE KEY", "PKCS7", "ENCRYPTED PRIVATE KEY", "", "CERT\x1b[2JIFICATE", "CERTIFICATE\u202e"})))
	case 9:
		return bytes.Replace(text, []byte("-----\n"), []byte("-----\nProc-Type: 4,ENCRYPTED\nX: "+strings.Repeat("y", r.IntN(3000))+"\n"+pick(r, []string{"", "\n"})), 1)
	case 10:
		return bytes.ReplaceAll(text, []byte("\n"), nil)
	case 11:
		return regexp.MustCompile(`(?m)^`).ReplaceAll(text, []byte(pick(r, []string{"  ", "> ", "# ", "\t", "\"", "\\n"})))
	case 12:
		return bytes.ReplaceAll(text, []byte("-----END"), []byte("-----BEGIN"))
	case 13:
		return slices.Concat(text, noise(r, 1+r.IntN(500)), text)
	case 14:
		return fmt.Appendf(nil, "%q", text)
	default:
		return slices.Concat(text, bytes.Repeat([]byte("-----BEGIN CERTIFICATE-----\n"), 1+r.IntN(3000)))
	}
}

// utf16Of encodes a text in UTF-16 with a byte order mark.
func utf16Of(text string, big bool) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		if big {
			b = append(b, byte(unit>>8), byte(unit))
		} else {
			b = append(b, byte(unit), byte(unit>>8))
		}
	}
	return b
}

func jsonText(text string) string {
	b, err := json.Marshal(text)
	must(err)
	return string(b)
}
