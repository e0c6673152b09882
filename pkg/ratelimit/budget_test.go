package ratelimit

import (
	"fmt"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

func TestBudget(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	b := NewBudget(Published(v1alpha1.LetsEncrypt))
	if got := b.Cost([]string{"a.example.com"}, false, false, now); got.Text != "1 of 50 this week (example.com)" || got.Limit != PerDomain || got.Used != 1 || got.Most != 50 || !got.Until.IsZero() {
		t.Errorf("first: %+v", got)
	}
	for i := range 50 {
		b.Spend([]string{fmt.Sprintf("n%d.example.co.uk", i)}, false, false, now.Add(time.Duration(i)*time.Minute-6*24*time.Hour))
	}
	got := b.Cost([]string{"new.example.co.uk", "a.example.com"}, false, false, now)
	if want := (Cost{Text: "51 of 50 this week (example.co.uk)", Limit: PerDomain, Used: 51, Most: 50, Until: now.Add(24 * time.Hour)}); got != want {
		t.Errorf("used up: %+v, want %+v", got, want)
	}
	if got := b.Cost([]string{"new.example.co.uk"}, true, true, now); got != (Cost{Text: "free (renewal)"}) {
		t.Errorf("renewal by ARI: %+v", got)
	}
	if got := b.Cost([]string{"n0.example.co.uk"}, true, false, now); got.Text != "2 of 5 this week (same names)" {
		t.Errorf("the same names again: %+v", got)
	}
	if got := b.Cost([]string{"a.example.com"}, false, false, now); got.Text != "1 of 50 this week (example.com)" || got.Limit != PerDomain || got.Used != 1 || got.Most != 50 || !got.Until.IsZero() {
		t.Errorf("another domain: %+v", got)
	}
	if got := NewBudget(Published("https://pebble")).Cost([]string{"a"}, false, false, now); got != (Cost{Text: "no known limit"}) {
		t.Errorf("private CA: %+v", got)
	}
}
