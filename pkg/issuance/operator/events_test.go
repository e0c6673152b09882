package operator

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

func TestNewEvent(t *testing.T) {
	now := metav1.NewTime(time.Unix(0, 0x1234).UTC())
	issued := eventAbout("web-tls", issuance.Event{Kind: issuance.Done})
	issued.Entry.Have.NotAfter = time.Date(2027, 2, 27, 12, 0, 0, 0, time.FixedZone("", 3600))
	unrequested := issued
	unrequested.Entry.Demand = nil
	for name, tt := range map[string]struct {
		event issuance.Event
		want  string // type, reason and message; "" for none
	}{
		"issued":              {issued, "Normal Issued: Stored a certificate in Secret web-tls, valid until 2027-02-27T11:00:00Z"},
		"failed":              {eventAbout("web-tls", issuance.Event{Kind: issuance.Failed, Err: errors.New("the CA refuses")}), "Warning Failed: the CA refuses"},
		"waits for the user":  {eventAbout("web-tls", issuance.Event{Kind: issuance.Held, Decision: issuance.Decision{Held: "no solver"}}), "Warning Held: no solver"},
		"waits for a time":    {eventAbout("web-tls", issuance.Event{Kind: issuance.Held, At: now.Time, Decision: issuance.Decision{Held: "rate limit"}}), ""},
		"a long message":      {eventAbout("web-tls", issuance.Event{Kind: issuance.Failed, Err: errors.New(strings.Repeat("x", 2000))}), "Warning Failed: " + strings.Repeat("x", 1024)},
		"planned":             {eventAbout("web-tls", issuance.Event{Kind: issuance.Planned}), ""},
		"up to date":          {eventAbout("web-tls", issuance.Event{Kind: issuance.Fine}), ""},
		"no longer requested": {unrequested, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if e := newEvent(tt.event, now); e != nil {
				got = e.Type + " " + e.Reason + ": " + e.Message
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	got := newEvent(issued, now)
	want := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: "shop", Name: "web.1234"},
		InvolvedObject: corev1.ObjectReference{APIVersion: "cert-manager.io/v1", Kind: "Certificate", Namespace: "shop", Name: "web"},
		Type:           "Normal", Reason: "Issued", Message: "Stored a certificate in Secret web-tls, valid until 2027-02-27T11:00:00Z",
		FirstTimestamp: now, LastTimestamp: now, Count: 1, Source: corev1.EventSource{Component: "kubectl-certs"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHeldIsRecordedOnce: a Secret that waits for the user gets one Event for
// each message, however often the engine looks at it.
func TestHeldIsRecordedOnce(t *testing.T) {
	r := &eventRecorder{queue: make(chan *corev1.Event, 10), held: map[issuance.Ref]string{}}
	for _, e := range []struct{ secret, held string }{
		{"a", "no solver"}, {"a", "no solver"}, {"b", "no solver"}, {"a", "no route"}, {"b", "no solver"}, {"a", "no solver"},
	} {
		r.record(eventAbout(e.secret, issuance.Event{Kind: issuance.Held, Decision: issuance.Decision{Held: e.held}}))
	}
	close(r.queue)
	var got []string
	for e := range r.queue {
		got = append(got, e.Message)
	}
	if diff := cmp.Diff([]string{"no solver", "no solver", "no route", "no solver"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFullQueue: Events are dropped, not waited for.
func TestFullQueue(t *testing.T) {
	r := &eventRecorder{queue: make(chan *corev1.Event, 1), held: map[issuance.Ref]string{}}
	for range 3 {
		r.record(eventAbout("a", issuance.Event{Kind: issuance.Done}))
	}
	if len(r.queue) != 1 {
		t.Errorf("%d in the queue", len(r.queue))
	}
}
