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
		c.bad(at.At("windows"), "must be left out with policy: Disabled")
	}
	for i, w := range r.Windows {
		at := at.At("windows").Item(i)
		if w.WindowDuration != nil && w.WindowDuration.Duration < time.Second {
			c.bad(at.At("windowDuration"), "must be at least 1s")
		}
		if !isTimezone(w.Timezone) {
			c.bad(at.At("timezone"), "invalid time zone %q: use UTC, or Area/Place, for example Europe/Berlin", w.Timezone)
		}
		if w.Cron == "" {
			continue
		}
		// As cert-manager does. UTC needs no files of the machine, and whether
		// the schedule is valid does not depend on the zone.
		switch schedule, err := util.CronParse(w.Cron, "UTC"); {
		case err != nil:
			c.bad(at.At("cron"), "invalid schedule %q: %v; use a form such as 0 3 * * 6 for Saturdays at 3:00", w.Cron, errors.Unwrap(err))
		case schedule.Next(time.Unix(0, 0).UTC()).IsZero():
			c.bad(at.At("cron"), "%q never occurs", w.Cron)
		}
	}
}

// isTimezone checks only the form of a time zone's name, because the cluster
// may have other zones than this machine.
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
