package hint

import "strings"

// Nearest returns the word that was probably meant, "" where none is near.
func Nearest(word string, known []string) string {
	best, distance := "", max(1, len(word)/3)
	for _, k := range known {
		if d := wordDistance(word, k, distance); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	return best
}

// Meant returns err with the known word that was probably meant as its hint, and err
// itself where none is near.
func Meant(err error, word string, known []string) error {
	if nearest := Nearest(word, known); nearest != "" {
		return With(err, "did you mean "+nearest+"?")
	}
	return err
}

// wordDistance is the edit distance, or a value above limit. The limit allows
// half of a word to differ.
func wordDistance(word, known string, limit int) int {
	distance := limit + 1
	if max(len(word)-len(known), len(known)-len(word)) <= limit {
		distance = editDistance(word, known)
	}
	if distance > limit && len(word) >= 4 && len(known) > len(word) && strings.EqualFold(known[:len(word)], word) {
		return limit
	}
	return distance
}

// editDistance is the number of letters to insert, remove, replace or swap with
// their neighbour. It ignores ASCII case.
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	var before, last, row [65]int // rows of the table; before is two above row
	for j := range row {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if lower(a[i]) == lower(b[j]) {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && lower(a[i]) == lower(b[j-1]) && lower(a[i-1]) == lower(b[j]) {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
