package finding

import (
	"maps"
	"net/url"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// sarifLevels are the levels of SARIF 2.1.0, section 3.27.10.
var sarifLevels = map[Severity]string{Error: "error", Warning: "warning", Note: "note"}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri,omitempty"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string       `json:"id"`
	ShortDescription sarifMessage `json:"shortDescription"`
	FullDescription  sarifMessage `json:"fullDescription"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region *sarifRegion `json:"region,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

// Tool describes the program in a SARIF log.
type Tool struct{ Name, Version, URL string }

// SARIF formats findings as a SARIF 2.1.0 log with one run.
func SARIF(list []Reported, tool Tool) ([]byte, error) {
	rules, index := sarifRules(list)
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: make([]sarifResult, len(list))}
	run.Tool.Driver = sarifDriver{Name: tool.Name, Version: tool.Version, InformationURI: tool.URL, Rules: rules}
	for i, r := range list {
		text := r.message() + r.suffix()
		if r.Fix != "" {
			text += "; " + r.Fix
		}
		run.Results[i] = sarifResult{
			RuleID: r.ID, RuleIndex: index[r.ID], Level: sarifLevels[r.Severity],
			Message: sarifMessage{text}, Locations: r.sarifLocations(),
		}
	}
	return printable.JSON(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// sarifRules returns the rules of the findings in order of their IDs, and the
// index of each.
func sarifRules(list []Reported) ([]sarifRule, map[string]int) {
	byID := map[string]sarifRule{}
	for _, r := range list {
		byID[r.ID] = sarifRule{ID: r.ID, ShortDescription: sarifMessage{r.What}, FullDescription: sarifMessage{r.Why}}
	}
	rules, index := make([]sarifRule, 0, len(byID)), map[string]int{}
	for i, id := range slices.Sorted(maps.Keys(byID)) {
		rules, index[id] = append(rules, byID[id]), i
	}
	return rules, index
}

func (r Reported) sarifLocations() []sarifLocation {
	var location sarifLocation
	if r.File != "" {
		location.Physical = &sarifPhysical{}
		location.Physical.Artifact.URI = (&url.URL{Path: r.File}).String()
		if r.Position.Line > 0 {
			location.Physical.Region = &sarifRegion{StartLine: r.Position.Line}
		}
	}
	if name := r.sarifName(); name != "" {
		location.Logical = []sarifLogical{{name}}
	}
	if location.Physical == nil && location.Logical == nil {
		return nil
	}
	return []sarifLocation{location}
}

// sarifName returns the object or field of a finding in its file, or its position
// if the source is not a file.
func (r Reported) sarifName() string {
	switch {
	case r.Object != (Object{}):
		return r.about()
	case r.File == "":
		return r.Position.String()
	}
	return r.Position.Field
}
