// Renders a template of consul-template as consul-template does, by Go's own text/template, from a key-value store on
// standard input: {"app/env": {"KEY": "value"}}. Of consul-template's functions it has those that the example uses
// (https://github.com/hashicorp/consul-template/blob/main/docs/templating-language.md): safeLs, replaceAll.
package main

import (
	"encoding/json"
	"log"
	"os"
	"sort"
	"strings"
	"text/template"
)

type pair struct{ Key, Value string }

func main() {
	store := map[string]map[string]string{}
	if err := json.NewDecoder(os.Stdin).Decode(&store); err != nil {
		log.Fatal(err)
	}
	functions := template.FuncMap{
		"safeLs": func(prefix string) []pair {
			pairs := []pair{}
			for key, value := range store[prefix] {
				pairs = append(pairs, pair{key, value})
			}
			sort.Slice(pairs, func(i, j int) bool { return pairs[i].Key < pairs[j].Key })
			return pairs
		},
		"replaceAll": func(from, to, text string) string { return strings.ReplaceAll(text, from, to) },
	}
	source, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	parsed, err := template.New("example").Option("missingkey=error").Funcs(functions).Parse(string(source))
	if err != nil {
		log.Fatal(err)
	}
	if err := parsed.Execute(os.Stdout, nil); err != nil {
		log.Fatal(err)
	}
}
