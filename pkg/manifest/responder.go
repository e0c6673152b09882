package manifest

import "github.com/kubectl-certs/kubectl-certs/pkg/plan"

// responder builds the Service of static challenge routes.
func responder(r plan.Responder) Object {
	o := newObject("v1", "Service", r.Object, nil)
	o["spec"] = map[string]any{
		"ports":    []any{map[string]any{"name": "http", "port": int64(r.Port), "targetPort": int64(plan.ResponderPort)}},
		"selector": map[string]any{plan.ResponderLabel: plan.ResponderApp},
	}
	return o
}
