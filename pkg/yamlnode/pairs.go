package yamlnode

import "go.yaml.in/yaml/v3"

// Pair is a key of a mapping and its value. Either may be an alias.
type Pair struct{ Key, Value *yaml.Node }

// Pairs returns the pairs of a mapping and then those that it merges, nil for
// any other node. A key of the mapping itself hides merged ones, and a merged
// mapping hides those after it.
func Pairs(n *yaml.Node) []Pair {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	own, merges := ownPairs(n)
	if len(merges) == 0 {
		return own
	}
	m := merger{pairs: own, keys: map[string]bool{}, done: map[*yaml.Node]bool{n: true}}
	for _, p := range own {
		m.keys[Resolve(p.Key).Value] = true
	}
	for _, p := range merges {
		m.merge(p.Value)
	}
	return m.pairs
}

// ValueOf returns the resolved value of a key among pairs, nil if there is
// none.
func ValueOf(pairs []Pair, key string) *yaml.Node {
	for _, p := range pairs {
		if p.Key.Value == key {
			return Resolve(p.Value)
		}
	}
	return nil
}

// ownPairs separates the pairs of a mapping from its merge keys.
func ownPairs(n *yaml.Node) (own, merges []Pair) {
	own = make([]Pair, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		p := Pair{n.Content[i], n.Content[i+1]}
		if IsMerge(p.Key) {
			merges = append(merges, p)
			continue
		}
		own = append(own, p)
	}
	return own, merges
}

// merger reads every mapping once, so cycles and repetition have no cost.
type merger struct {
	pairs []Pair
	keys  map[string]bool
	done  map[*yaml.Node]bool
}

func (m *merger) merge(source *yaml.Node) {
	source = Resolve(source)
	if m.done[source] {
		return
	}
	m.done[source] = true
	if source.Kind == yaml.SequenceNode {
		for _, item := range source.Content {
			if Resolve(item).Kind == yaml.MappingNode {
				m.merge(item)
			}
		}
		return
	}
	own, merges := ownPairs(source)
	for _, p := range own {
		if key := Resolve(p.Key).Value; !m.keys[key] {
			m.keys[key] = true
			m.pairs = append(m.pairs, p)
		}
	}
	for _, p := range merges {
		m.merge(p.Value)
	}
}
