package validation

import (
	"errors"
	"strings"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/cert-manager/cert-manager/pkg/util"

	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) renewal(at *strictyaml.Path, r *cm.CertificateRenewal) {
	if r == nil {
		return
	}
	if r.Policy == cm.CertificateRenewalPolicyDisabled && len(r.Windows) > 0 {
		c.bad(at.At("windows"), "must be left out where policy is Disabled")
	}
	for i, w := range r.Windows {
		at := at.At("windows").Item(i)
		if w.WindowDuration != nil && w.WindowDuration.Duration < time.Second {
			c.bad(at.At("windowDuration"), "must be at least 1s")
		}
		if !isTimezone(w.Timezone) {
			c.bad(at.At("timezone"), "%q is no time zone; write UTC, or Area/Place as in Europe/Berlin", w.Timezone)
		}
		if w.Cron == "" {
			continue
		}
		// As cert-manager does. UTC is the one zone that is known without the
		// machine's files; the days and hours do not depend on the zone.
		switch schedule, err := util.CronParse(w.Cron, "UTC"); {
		case err != nil:
			c.bad(at.At("cron"), "%q is no schedule: %v; write one such as 0 3 * * 6 for Saturdays at 3:00", w.Cron, errors.Unwrap(err))
		case schedule.Next(time.Unix(0, 0).UTC()).IsZero():
			c.bad(at.At("cron"), "%q never comes", w.Cron)
		}
	}
}

// isTimezone checks the form of a time zone's name only: which there are, the
// cluster knows and not the machine that this runs on.
func isTimezone(name string) bool {
	if name == "" || name == "UTC" {
		return true
	}
	parts := strings.Split(name, "/")
	for _, part := range parts {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !isZoneLetter(r) }) {
			return false
		}
	}
	return len(parts) > 1
}

func isZoneLetter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_+", r)
}
