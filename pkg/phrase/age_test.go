package phrase

import (
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0s",
		119 * time.Second:             "119s",
		2 * time.Minute:               "2m",
		119*time.Minute + time.Second: "119m",
		2 * time.Hour:                 "2h",
		47 * time.Hour:                "47h",
		48 * time.Hour:                "2d",
		90*24*time.Hour - time.Second: "89d",
	} {
		if got := Age(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestUntil(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "-"},
		{now, "0s"},
		{now.Add(72 * time.Hour), "3d"},
		{now.Add(-3 * time.Hour), "expired 3h"},
	} {
		if got := Until(tt.at, now, "expired "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.at, got, tt.want)
		}
	}
}
