package acme

import "testing"

func TestLive(t *testing.T) {
	t.Setenv("PEBBLE_ALTERNATE_ROOTS", "1")
	l := startLive(t)
	t.Run("one name", func(t *testing.T) {
		a := open(t, l.config(t))
		l.check(t, issue(t, a, l.request(t, a, "one.example.com")), "one.example.com")
	})
}
