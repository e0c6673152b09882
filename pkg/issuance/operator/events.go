package operator

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/record/util"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// eventRecorder writes Kubernetes Events about the objects that request
// certificates. It drops those that the API server refuses, and those that come
// faster than it takes them.
type eventRecorder struct {
	client typedcorev1.EventsGetter
	queue  chan *corev1.Event
	done   chan struct{}
	// held are the last messages about Secrets that wait for a change by the
	// user, so that each is written once.
	held map[issuance.Ref]string
}

// eventQueue is how many Events may wait to be written.
const eventQueue = 256

// startEvents returns a recorder that writes until close.
func startEvents(client typedcorev1.EventsGetter) *eventRecorder {
	r := &eventRecorder{client: client, queue: make(chan *corev1.Event, eventQueue), done: make(chan struct{}), held: map[issuance.Ref]string{}}
	go r.write()
	return r
}

func (r *eventRecorder) write() {
	defer close(r.done)
	// Repeated Events are counted, similar ones combined, and those about one
	// object limited, as the controllers of Kubernetes do.
	correlator := record.NewEventCorrelatorWithOptions(record.CorrelatorOptions{})
	for e := range r.queue {
		result, err := correlator.EventCorrelate(e)
		if err != nil || result.Skip {
			continue
		}
		if written, err := r.send(result.Event, result.Patch); err == nil {
			correlator.UpdateState(written)
		}
	}
}

// send creates an Event, or patches the one that it repeats.
func (r *eventRecorder) send(e *corev1.Event, patch []byte) (*corev1.Event, error) {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	events := r.client.Events(e.Namespace)
	if e.Count > 1 {
		patched, err := events.Patch(ctx, e.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
		if !apierrors.IsNotFound(err) {
			return patched, err
		}
	}
	e.ResourceVersion = ""
	return events.Create(ctx, e, metav1.CreateOptions{})
}

// Times for the Events in the queue when the recorder is closed.
const (
	flushTimeout        = 3 * time.Second
	stoppedFlushTimeout = 500 * time.Millisecond // after the end of the context
)

// close writes the Events in the queue, as far as there is time.
func (r *eventRecorder) close(ctx context.Context) {
	close(r.queue)
	timeout := flushTimeout
	if ctx.Err() != nil {
		timeout = stoppedFlushTimeout
	}
	select {
	case <-r.done:
	case <-time.After(timeout):
	}
}

// record queues the Event about an event, if there is one.
func (r *eventRecorder) record(e issuance.Event) {
	event := newEvent(e, metav1.Now())
	if event == nil {
		return
	}
	if e.Kind == issuance.Held {
		if r.held[e.Entry.Ref] == e.Decision.Held {
			return
		}
		r.held[e.Entry.Ref] = e.Decision.Held
	}
	select {
	case r.queue <- event:
	default:
	}
}

// apiVersions are those of the kinds that request certificates.
var apiVersions = map[string]string{
	"Certificate": "cert-manager.io/v1", "Ingress": "networking.k8s.io/v1",
	"VirtualServer": "k8s.nginx.org/v1", "Gateway": "gateway.networking.k8s.io/v1",
}

// messageLimit is the longest message of an Event, in bytes.
const messageLimit = 1024

// newEvent returns the Event about the object that requests a certificate, nil
// if what happened is of no interest to its owner.
func newEvent(e issuance.Event, now metav1.Time) *corev1.Event {
	if e.Entry.Demand == nil {
		return nil
	}
	kind, reason, message := corev1.EventTypeNormal, "Issued", ""
	switch {
	case e.Kind == issuance.Done:
		message = fmt.Sprintf("Stored a certificate in Secret %s, valid until %s", e.Entry.Ref.Name, e.Entry.Have.NotAfter.UTC().Format(time.RFC3339))
	case e.Kind == issuance.Failed:
		kind, reason, message = corev1.EventTypeWarning, "Failed", e.Err.Error()
	case e.Kind == issuance.Held && e.At.IsZero(): // else the time alone ends it
		kind, reason, message = corev1.EventTypeWarning, "Held", e.Decision.Held
	default:
		return nil
	}
	by := e.Entry.Demand.By
	return &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: e.Entry.Ref.Namespace, Name: util.GenerateEventName(by.Name, now.UnixNano())},
		InvolvedObject: corev1.ObjectReference{APIVersion: apiVersions[by.Kind], Kind: by.Kind, Namespace: e.Entry.Ref.Namespace, Name: by.Name},
		Type:           kind, Reason: reason, Message: truncate(message, messageLimit),
		FirstTimestamp: now, LastTimestamp: now, Count: 1, Source: corev1.EventSource{Component: "kubectl-certs"},
	}
}

// truncate returns the beginning of a text, of at most so many bytes and of whole
// characters.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
