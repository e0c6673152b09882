package cli

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// recorder writes Kubernetes Events about the objects that ask for
// certificates. They are a courtesy: where they cannot be written, or not as
// fast as they come, they are not.
type recorder struct {
	core   typedcorev1.EventsGetter
	events chan *corev1.Event
	done   chan struct{}
	// held are the last messages about Secrets that wait for somebody to change
	// something, so that each is written once.
	held map[run.Ref]string
}

// manyEvents may wait to be written.
const manyEvents = 256

func newRecorder(o *operator) *recorder {
	core, err := typedcorev1.NewForConfig(o.rest)
	if err != nil {
		return nil
	}
	r := &recorder{core: core, events: make(chan *corev1.Event, manyEvents), done: make(chan struct{}), held: map[run.Ref]string{}}
	go r.write()
	return r
}

func (r *recorder) write() {
	defer close(r.done)
	for e := range r.events {
		ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
		_, _ = r.core.Events(e.Namespace).Create(ctx, e, metav1.CreateOptions{})
		stop()
	}
}

// close writes what waits, as far as that is soon done.
func (r *recorder) close(ctx context.Context) {
	if r == nil {
		return
	}
	close(r.events)
	wait := 3 * time.Second
	if ctx.Err() != nil {
		wait = readGrace
	}
	select {
	case <-r.done:
	case <-time.After(wait):
	}
}

// apiVersions are of the kinds that ask for certificates.
var apiVersions = map[string]string{
	"Certificate": "cert-manager.io/v1", "Ingress": "networking.k8s.io/v1",
	"VirtualServer": "k8s.nginx.org/v1", "Gateway": "gateway.networking.k8s.io/v1",
}

// longMessage is as long as the message of an Event may be.
const longMessage = 1024

// tell writes what happened to a certificate, if that is for others to know.
func (r *recorder) tell(e run.Event) {
	if r == nil || e.Entry.Demand == nil {
		return
	}
	kind, reason, message := corev1.EventTypeNormal, "Issued", ""
	switch e.Kind {
	case run.Done:
		message = fmt.Sprintf("Stored a certificate in Secret %s, valid until %s", e.Entry.Ref.Name, e.Entry.Have.NotAfter.UTC().Format(time.RFC3339))
	case run.Failed:
		kind, reason, message = corev1.EventTypeWarning, "Failed", e.Err.Error()
	case run.Held:
		kind, reason, message = corev1.EventTypeWarning, "Held", e.Decision.Held
		if !e.At.IsZero() || r.held[e.Entry.Ref] == message { // time alone ends it, or it was written
			return
		}
		r.held[e.Entry.Ref] = message
	default:
		return
	}
	by, now := e.Entry.Demand.By, metav1.Now()
	event := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: e.Entry.Ref.Namespace, Name: fmt.Sprintf("%s.%x", by.Name, now.UnixNano())},
		InvolvedObject: corev1.ObjectReference{APIVersion: apiVersions[by.Kind], Kind: by.Kind, Namespace: e.Entry.Ref.Namespace, Name: by.Name},
		Type:           kind, Reason: reason, Message: message[:min(len(message), longMessage)],
		FirstTimestamp: now, LastTimestamp: now, Count: 1, Source: corev1.EventSource{Component: "kubectl-certs"},
	}
	select {
	case r.events <- event:
	default:
	}
}
