# Completion of quoin for bash. Asks the command itself what it knows, so that there is no second
# list to keep: the commands of `quoin --help`, the options of `quoin COMMAND --help`.

# The commands, one a line; some are two or three words.
_quoin_commands() {
  quoin --help 2>/dev/null | sed -nE 's/^  ([a-z][a-z0-9-]*( [a-z][a-z0-9-]*){0,2})  .*/\1/p'
}

_quoin() {
  local current=${COMP_WORDS[COMP_CWORD]} before=() word i commands command=""
  COMPREPLY=()
  commands=$(_quoin_commands)
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    # What stands behind -- belongs to the module.
    if [[ $word == -- ]]; then
      compopt -o default
      return
    fi
    before+=("$word")
  done

  # The longest prefix of what was typed that is a command.
  for ((i = ${#before[@]}; i > 0; i--)); do
    if [[ $i -le 3 ]] && grep -qxF -- "${before[*]:0:i}" <<<"$commands"; then
      command=${before[*]:0:i}
      break
    fi
  done

  if [[ -z $command && ${#before[@]} -le 2 ]]; then
    # The next word of the commands that begin as typed.
    local next typed="${before[*]}"
    next=$(awk -v typed="${typed:+$typed }" 'index($0, typed) == 1 {
      split(substr($0, length(typed) + 1), rest, " "); print rest[1] }' <<<"$commands" | sort -u)
    mapfile -t COMPREPLY < <(compgen -W "$next --help --version" -- "$current")
  elif [[ $current == -* ]]; then
    # Unquoted: a command can be several words.
    # shellcheck disable=SC2086
    mapfile -t COMPREPLY < <(compgen -W \
      "$(quoin $command --help 2>/dev/null | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u)" -- "$current")
  else
    compopt -o default
  fi
}

complete -F _quoin quoin
