#ifndef WIREPROOF_CLIBYAML_SHIM_H
#define WIREPROOF_CLIBYAML_SHIM_H

#include <yaml.h>

#endif
