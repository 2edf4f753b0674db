{{/* Every object of a file, in the release's namespace. */}}
{{- define "lcnn.plain" -}}
{{- range splitList "\n---\n" (.root.Files.Get .file) }}
{{- $object := fromYaml . }}
{{- $_ := set $object.metadata "namespace" $.root.Release.Namespace }}
---
{{ toYaml $object }}
{{- end }}
{{- end }}

{{/* Sets a variable of a container. */}}
{{- define "lcnn.setVariable" -}}
{{- $found := false }}
{{- range .container.env }}
{{- if eq .name $.name }}
{{- $_ := set . "value" $.value }}
{{- $found = true }}
{{- end }}
{{- end }}
{{- if not $found }}
{{- $_ := set .container "env" (append .container.env (dict "name" .name "value" .value)) }}
{{- end }}
{{- end }}

{{- define "lcnn.pullSecrets" -}}
{{- if .root.Values.pullSecrets }}
{{- $secrets := list }}
{{- range .root.Values.pullSecrets }}
{{- $secrets = append $secrets (dict "name" .) }}
{{- end }}
{{- $_ := set .pod "imagePullSecrets" $secrets }}
{{- end }}
{{- end }}

{{/* A Job that launches something. */}}
{{- define "lcnn.job" -}}
{{- $job := fromYaml (.root.Files.Get .file) }}
{{- $_ := set $job.metadata "namespace" .root.Release.Namespace }}
{{- $_ := set $job.metadata "name" .values.name }}
{{- $pod := $job.spec.template.spec }}
{{- include "lcnn.pullSecrets" (dict "root" .root "pod" $pod) }}
{{- $launcher := index $pod.containers 0 }}
{{- $_ := set $launcher "image" .root.Values.image }}
{{- if .values.args }}
{{- $_ := set $launcher "args" .values.args }}
{{- end }}
---
{{ toYaml $job }}
{{- end }}
