package cli

import (
	"encoding/json"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// printView writes any of the machine forms.
func printView(env Env, view any, output string) error {
	if output == "yaml" {
		return printYAML(env, view)
	}
	return printJSON(env, view)
}

// printYAML writes the same fields as printJSON, in order of their names.
func printYAML(env Env, view any) error {
	data, err := json.Marshal(view)
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	_, err = env.Out.Write(manifest.Encode(fields))
	return err
}

func printJSON(env Env, value any) error {
	data, err := printable.JSON(value)
	if err == nil {
		_, err = env.Out.Write(data)
	}
	return err
}
