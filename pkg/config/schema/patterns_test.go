package schema

import (
	"regexp"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// TestPatternsMatchParser holds the patterns of the schema to the functions that the
// parser calls, over all texts of a few pieces.
func TestPatternsMatchParser(t *testing.T) {
	duration, quantity := regexp.MustCompile(durationPattern), regexp.MustCompile(quantityPattern)
	signs, numbers := []string{"", "-", "+", " "}, []string{"", "0", "1", "12", ".", "1.5", ".5", "1.", "1h", "1.5m", "0h"}
	units := []string{"", "h", "m", "s", "ms", "us", "µs", "μs", "ns", "d", "e3", "E-2", "Ki", "Mi", "k", "n", "E", " ", "x"}
	accepted := 0
	for _, a := range signs {
		for _, b := range numbers {
			for _, c := range numbers {
				for _, d := range units {
					text := a + b + c + d
					_, err := time.ParseDuration(text)
					if got := duration.MatchString(text); got != (err == nil) {
						t.Errorf("duration %q: pattern %t, parser %v", text, got, err)
					}
					_, wrong := resource.ParseQuantity(text)
					if quantity.MatchString(text) && wrong != nil { // the other way round the pattern is ours
						t.Errorf("quantity %q fits the pattern, but: %v", text, wrong)
					}
					if err == nil || wrong == nil {
						accepted++
					}
				}
			}
		}
	}
	if accepted < 500 {
		t.Errorf("only %d texts are accepted", accepted)
	}
}
