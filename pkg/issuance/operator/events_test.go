package operator

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

func TestNewEvent(t *testing.T) {
	now := metav1.NewTime(time.Unix(0, 0x1234).UTC())
	issued := eventAbout("web-tls", issuance.Event{Kind: issuance.Done})
	issued.Entry.Secret.NotAfter = time.Date(2027, 2, 27, 12, 0, 0, 0, time.FixedZone("", 3600))
	unrequested := issued
	unrequested.Entry.Demand = nil
	for name, tt := range map[string]struct {
		event issuance.Event
		want  string // type, reason and message; "" for none
	}{
		"issued":              {issued, "Normal Issued: Stored a certificate in Secret web-tls, valid until 2027-02-27T11:00:00Z"},
		"failed":              {eventAbout("web-tls", issuance.Event{Kind: issuance.Failed, Err: errors.New("the CA refuses")}), "Warning Failed: the CA refuses"},
		"waits for the user":  {eventAbout("web-tls", issuance.Event{Kind: issuance.Deferred, Decision: issuance.Decision{Deferred: "no solver"}}), "Warning NotIssued: no solver"},
		"waits for a time":    {eventAbout("web-tls", issuance.Event{Kind: issuance.Deferred, At: now.Time, Decision: issuance.Decision{Deferred: "rate limit"}}), ""},
		"a long message":      {eventAbout("web-tls", issuance.Event{Kind: issuance.Failed, Err: errors.New(strings.Repeat("x", 2000))}), "Warning Failed: " + strings.Repeat("x", 1024)},
		"a cut character":     {eventAbout("web-tls", issuance.Event{Kind: issuance.Failed, Err: errors.New(strings.Repeat("x", 1023) + "…y")}), "Warning Failed: " + strings.Repeat("x", 1023)},
		"an exact message":    {eventAbout("web-tls", issuance.Event{Kind: issuance.Failed, Err: errors.New(strings.Repeat("x", 1021) + "…")}), "Warning Failed: " + strings.Repeat("x", 1021) + "…"},
		"planned":             {eventAbout("web-tls", issuance.Event{Kind: issuance.Planned}), ""},
		"up to date":          {eventAbout("web-tls", issuance.Event{Kind: issuance.UpToDate}), ""},
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

// TestDeferredIsRecordedOnce: a Secret that waits for the user gets one Event for
// each message, however often the engine looks at it.
func TestDeferredIsRecordedOnce(t *testing.T) {
	r := &eventRecorder{queue: make(chan *corev1.Event, 10), held: map[issuance.Ref]string{}}
	for _, e := range []struct{ secret, held string }{
		{"a", "no solver"}, {"a", "no solver"}, {"b", "no solver"}, {"a", "no route"}, {"b", "no solver"}, {"a", "no solver"},
	} {
		r.record(eventAbout(e.secret, issuance.Event{Kind: issuance.Deferred, Decision: issuance.Decision{Deferred: e.held}}))
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

// TestCorrelatedEvents: what repeats is counted, and similar Events are combined,
// so that an object with many Secrets does not fill the cluster with Events.
func TestCorrelatedEvents(t *testing.T) {
	server := kubetest.Start(t)
	client := typedcorev1.NewForConfigOrDie(server.Config())
	if _, err := client.Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	r := startEvents(client)
	for range 3 {
		r.record(eventAbout("web-tls", issuance.Event{Kind: issuance.Failed, Err: errors.New("the CA refuses")}))
	}
	for i := range 100 {
		r.record(eventAbout(fmt.Sprintf("web-%d", i), issuance.Event{Kind: issuance.Done}))
	}
	r.close(t.Context())
	list, err := client.Events("shop").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int32{}
	for _, e := range list.Items {
		counts[e.Reason] += e.Count
		if strings.HasPrefix(e.Message, "(combined from similar events): Stored a certificate in Secret web-") {
			counts["combined"] += e.Count
		}
	}
	if diff := cmp.Diff(map[string]int32{"Failed": 3, "Issued": 25, "combined": 16}, counts); diff != "" || len(list.Items) != 11 {
		t.Errorf("%d Events, by reason (-want +got):\n%s", len(list.Items), diff)
	}
}
