package phrase

import (
	"fmt"
	"time"
)

// Age formats a duration in one unit: 20d, 5h, 10m or 30s. kubectl adds a second
// unit to some, such as 5h3m (HumanDuration of k8s.io/apimachinery); next to
// other words and in narrow columns, one is enough.
func Age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%ds", int(d.Seconds()))
}

// Until formats the time from now to a moment, "-" for the zero time. If the
// moment has passed, it is the time since then with past before it.
func Until(at, now time.Time, past string) string {
	switch {
	case at.IsZero():
		return "-"
	case at.Before(now):
		return past + Age(now.Sub(at))
	}
	return Age(at.Sub(now))
}
