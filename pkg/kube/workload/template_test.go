package workload

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func TestEnded(t *testing.T) {
	for text, want := range map[string]bool{
		`{}`: false,
		`{status: {conditions: [{type: Suspended, status: "True"}, {type: Failed, status: "False"}]}}`:           false,
		`{status: {conditions: [{type: SuccessCriteriaMet, status: "True"}, {type: Complete, status: "True"}]}}`: true,
		`{status: {conditions: [{type: Failed, status: "True"}]}}`:                                               true,
	} {
		var u unstructured.Unstructured
		if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
			t.Fatal(err)
		}
		if got := ended(&u); got != want {
			t.Errorf("%s: ended is %v", text, got)
		}
	}
}
