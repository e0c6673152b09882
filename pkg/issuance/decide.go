package issuance

import (
	"fmt"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// Reason is a stable word for why a certificate is issued.
type Reason string

// The reasons to issue.
const (
	Missing          Reason = "missing"
	Damaged          Reason = "damaged"
	Temporary        Reason = "temporary"
	NamesChanged     Reason = "names changed"
	IssuerChanged    Reason = "issuer changed"
	ServerChanged    Reason = "server changed"
	ProfileChanged   Reason = "profile changed"
	KeyChanged       Reason = "key changed"
	Expired          Reason = "expired"
	RenewalDue       Reason = "due"
	RenewalRequested Reason = "renewal requested"
)

// Decision is what to do for one demand.
type Decision struct {
	// Why is the reason to issue now, "" if nothing is issued now.
	Why Reason
	// Detail has details of the reason, or of the renewal time.
	Detail string
	// Deferred is why nothing is issued although it should be, "" otherwise.
	Deferred string
	// Waiting is the reason to issue that Deferred delays after a failure.
	Waiting Reason
	// At is the time of the renewal or the next try, zero for never. With Why it has passed.
	At time.Time
	// Replaces is the ID of the certificate that a renewal replaces (RFC 9773 §5).
	Replaces string
}

// Rules are the operator's settings for decisions.
type Rules struct {
	// RenewBefore is when to renew if neither the CA nor the demand sets a time, zero for a
	// part of the lifetime.
	RenewBefore time.Duration
	// Adopt allows overwriting Secrets of other controllers.
	Adopt bool
	// Refusal, if not nil, returns why a due certificate is not ordered, "" if it is.
	Refusal func(d *Demand) string
}

// Decide returns what to do for a requested certificate, from its entry, the CA's renewal
// information (zero if none), and the time.
func (r Rules) Decide(e Entry, info RenewalInfo, now time.Time) Decision {
	d, h, j := e.Demand, e.Secret, e.Journal
	if d.Problem != "" {
		return Decision{Deferred: d.Problem}
	}
	if h.Type != "" {
		return Decision{Deferred: fmt.Sprintf("the Secret has type %s, which cannot be changed to %s: delete the Secret", h.Type, tlsType)}
	}
	if h.Foreign != "" && !r.Adopt {
		return Decision{Deferred: fmt.Sprintf("the Secret was created by %s: delete it, or adopt it with kubectl certs run --adopt", h.Foreign)}
	}
	decision := r.evaluate(d, h, info, now)
	if decision.Why == "" {
		return decision
	}
	if r.Refusal != nil {
		if refusal := r.Refusal(d); refusal != "" {
			return Decision{Deferred: refusal}
		}
	}
	if next := j.Next(d.Digest, h, now); next.Until.After(now) && !h.requestsAgain(j) {
		decision.Deferred = fmt.Sprintf("%s; failed %s, next try at %s: %s", decision.Why, times(j.Failures), next, j.Detail)
		decision.Why, decision.Waiting, decision.At = "", decision.Why, next.Until
	}
	return decision
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// evaluate is Decide without what defers an order.
func (r Rules) evaluate(d *Demand, h SecretState, info RenewalInfo, now time.Time) Decision {
	switch {
	case !h.Exists, h.Damage == NoCertificate && h.Foreign == "":
		return Decision{Why: Missing}
	case h.Temporary:
		return Decision{Why: Temporary}
	case h.Damage != "":
		return Decision{Why: Damaged, Detail: string(h.Damage)}
	}
	if h.Foreign != "" { // to be adopted
		return Decision{Why: IssuerChanged, Detail: "created by " + h.Foreign}
	}
	if why, detail := changed(d, h); why != "" {
		return Decision{Why: why, Detail: detail}
	}
	at, how := Due(d, h, info, r.RenewBefore)
	decision := Decision{At: at, Detail: "by " + how, Replaces: h.RenewalID}
	switch {
	case !now.Before(h.NotAfter):
		decision.Why, decision.Detail = Expired, h.NotAfter.UTC().Format(time.DateOnly)
	case renewalRequested(h):
		decision.Why, decision.Detail = RenewalRequested, h.RequestedAt.UTC().Format(time.RFC3339)
	case at.IsZero():
		decision.Detail = "renewal is disabled"
	case !now.Before(at):
		decision.Why = RenewalDue
	}
	return decision
}

// renewalRequested reports whether a renewal was requested and not yet made. For a certificate of ours,
// the request it met is known; for one of another controller, requests before its issuance
// count as met.
func renewalRequested(h SecretState) bool {
	return !h.RequestedAt.IsZero() && (h.Note.Leaf != "" || h.RequestedAt.After(h.NotBefore))
}

// changed returns how the certificate differs from the demand.
func changed(d *Demand, h SecretState) (Reason, string) {
	if diff := nameDifference(d, h); diff != "" {
		return NamesChanged, diff
	}
	if was := issuerOf(h); was != "" && was != d.Issuer.Kind+" "+d.Issuer.Name {
		return IssuerChanged, "from " + was
	}
	if from := h.otherServer(d.ACME().Server); from != "" {
		return ServerChanged, "from " + from
	}
	if h.Note.Server != "" && h.Note.Profile != d.Profile {
		return ProfileChanged, fmt.Sprintf("from %q", h.Note.Profile)
	}
	if wants := keyDifference(&d.Certificate, h.Public); wants != "" {
		return KeyChanged, wants
	}
	return "", ""
}

func issuerOf(h SecretState) string {
	if h.IssuerName == "" {
		return ""
	}
	kind := h.IssuerKind
	if kind == "" {
		kind = cm.IssuerKind
	}
	return kind + " " + h.IssuerName
}
