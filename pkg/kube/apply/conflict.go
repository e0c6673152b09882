package apply

import (
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Conflict is a field with another desired value that another field manager
// owns.
type Conflict struct {
	ID manifest.ID
	// Fields are the managers and fields, in the server's words: conflict with
	// "helm" using v1: .spec.acme.email
	Fields []string
}

// conflictsOf returns the managers and fields of a conflict.
func conflictsOf(err error) []string { return describe(conflictCauses(err)) }

func describe(causes []metav1.StatusCause) []string {
	var conflicts []string
	for _, cause := range causes {
		conflicts = append(conflicts, cause.Message+": "+cause.Field)
	}
	return conflicts
}

func conflictCauses(err error) []metav1.StatusCause {
	status, ok := err.(apierrors.APIStatus)
	if !ok || !apierrors.IsConflict(err) || status.Status().Details == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(status.Status().Details.Causes), func(cause metav1.StatusCause) bool {
		return cause.Type != metav1.CauseTypeFieldManagerConflict
	})
}
