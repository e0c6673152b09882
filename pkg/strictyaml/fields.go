package strictyaml

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Field is a key of a struct.
type Field struct {
	Index    []int // for reflect.Value.FieldByIndex
	Type     reflect.Type
	Doc      string // its tag doc
	Required bool
}

// Fields are the keys of a struct, including those of inlined structs.
type Fields struct {
	ByName   map[string]Field
	Names    []string // sorted
	Declared []string // Names in the order of the struct
	Required []string // those of Names that are required
}

// FieldsOf returns the keys of a struct type by their json tags. Do not change
// them.
func (f *Format) FieldsOf(t reflect.Type) *Fields {
	if cached, ok := f.fields.Load(t); ok {
		return cached.(*Fields)
	}
	fs := &Fields{ByName: map[string]Field{}}
	f.collect(t, nil, fs)
	fs.Declared = slices.DeleteFunc(fs.Declared, func(name string) bool { _, there := fs.ByName[name]; return !there })
	fs.Names = slices.Sorted(maps.Keys(fs.ByName))
	for _, name := range fs.Names {
		if fs.ByName[name].Required {
			fs.Required = append(fs.Required, name)
		}
	}
	f.fields.Store(t, fs)
	return fs
}

// collect visits a struct before its inlined structs, so that an outer field
// hides an inner one of the same name, or removes it ("-").
func (f *Format) collect(t reflect.Type, index []int, into *Fields) {
	hidden := map[string]bool{}
	var inlined []reflect.StructField
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			inlined = append(inlined, field)
		case name == "-":
			hidden[strings.ToLower(field.Name[:1])+field.Name[1:]] = true
		case field.IsExported() && name != "":
			if _, outer := into.ByName[name]; !outer {
				into.Declared = append(into.Declared, name)
				into.ByName[name] = Field{
					Index:    append(slices.Clone(index), i),
					Type:     field.Type,
					Doc:      field.Tag.Get("doc"),
					Required: f.isRequired(t, field, strings.Contains(options, "omitempty")),
				}
			}
		}
	}
	for _, field := range inlined {
		f.collect(field.Type, append(slices.Clone(index), field.Index...), into)
	}
	for name := range hidden {
		delete(into.ByName, name)
	}
}
