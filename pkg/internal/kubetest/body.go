package kubetest

import (
	"io"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// longBody is as much as an API server takes.
const longBody = 3 << 20

// content reads the body of a request.
func content(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longBody))
	if err != nil {
		return nil, apierrors.NewRequestEntityTooLargeError(err.Error())
	}
	return body, nil
}

// decode reads an object in JSON, YAML or protobuf.
func decode(header http.Header, body []byte) (*unstructured.Unstructured, error) {
	o := &unstructured.Unstructured{}
	if strings.Contains(header.Get("Content-Type"), "protobuf") {
		typed, kind, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
		if err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		if o.Object, err = runtime.DefaultUnstructuredConverter.ToUnstructured(typed); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		o.SetGroupVersionKind(*kind)
	} else {
		text, err := yaml.YAMLToJSON(body)
		if err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		if err := o.UnmarshalJSON(text); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
	}
	if created, found, _ := unstructured.NestedFieldNoCopy(o.Object, "metadata", "creationTimestamp"); found && created == nil {
		unstructured.RemoveNestedField(o.Object, "metadata", "creationTimestamp")
	}
	return o, nil
}

// deleteOptions reads the options of a delete.
func deleteOptions(body []byte) (*metav1.DeleteOptions, error) {
	options := &metav1.DeleteOptions{}
	if len(body) == 0 {
		return options, nil
	}
	if _, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, options); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return options, nil
}
