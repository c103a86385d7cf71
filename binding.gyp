{
  'variables': {
    # -Dboost_root=<dir> on node-gyp's command line, or BOOST_ROOT.
    'boost_root%': '',
    # 1: the addon carries libstdc++ and libgcc, for binaries that must run on
    # systems older than the one they were built on.
    'static_runtime%': 0,
    # 0: without the I/O thread, which needs epoll(7). All connections are
    # served on JavaScript's thread then.
    'conditions': [
      ['OS == "linux"', {
        'io_thread%': 1,
      }, {
        'io_thread%': 0,
      }],
    ],
  },
  'targets': [
    {
      'target_name': 'beastws',
      'conditions': [
        ['"<!(node scripts/gyp-inputs.js needs-build)" == "no"', {
          'type': 'none',
        }, {
          'type': 'loadable_module',
          'sources': ['<!@(node scripts/gyp-inputs.js sources <(io_thread))'],
          'include_dirs': ['src'],
          'defines': [
            'NAPI_VERSION=8',
            'NAPI_DISABLE_CPP_EXCEPTIONS',
            # worker.terminate() can make any call fail; there is nobody left to
            # throw at.
            'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
            'NODE_ADDON_API_DISABLE_DEPRECATED',
            'BOOST_ASIO_DISABLE_VISIBILITY',
            'BOOST_ASIO_NO_DEPRECATED',
          ],
          # An exclusion also removes what we add ourselves, so our own standard
          # must be spelled differently from each of these.
          'cflags_cc!': [
            '-fno-exceptions',
            '-fno-rtti',
            '-std=gnu++14',
            '-std=gnu++17',
            '-std=gnu++1y',
            '-std=gnu++20',
          ],
          'cflags_cc': [
            '-std=c++20',
            '-fexceptions',
            '-fvisibility=hidden',
            '-fvisibility-inlines-hidden',
            '-Wall',
            '-Wextra',
            '-Wunused-parameter',
            # Headers of others: no warnings from them.
            '<!@(node scripts/gyp-inputs.js system-includes "<(boost_root)")',
          ],
          'xcode_settings': {
            'CLANG_CXX_LANGUAGE_STANDARD': 'gnu++20',
            'CLANG_CXX_LIBRARY': 'libc++',
            'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
            'GCC_ENABLE_CPP_RTTI': 'YES',
            'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
            'MACOSX_DEPLOYMENT_TARGET': '11.0',
            'OTHER_CPLUSPLUSFLAGS': [
              '-fvisibility-inlines-hidden',
              '-Wall',
              '-Wextra',
              '<!@(node scripts/gyp-inputs.js system-includes "<(boost_root)")',
            ],
          },
          'msvs_settings': {
            'VCCLCompilerTool': {
              'AdditionalOptions': ['/std:c++20', '/bigobj', '/utf-8'],
              'AdditionalOptions!': ['-std:c++17', '-std:c++20'],
              'ExceptionHandling': 1,
              'RuntimeTypeInfo': 'true',
            },
          },
          'configurations': {
            'Release': {
              'defines': ['NDEBUG'],
              'cflags!': ['-O3'],
              'cflags': ['-O2'],
              'xcode_settings': { 'GCC_OPTIMIZATION_LEVEL': '2' },
            },
            # Reached by `make BUILDTYPE=...` only (scripts/build.js), each in
            # a directory of its own beside build/Release.
            'Asan': {
              'inherit_from': ['Release'],
              'defines!': ['NDEBUG'],
              'cflags': [
                '-O1',
                '-g',
                '-fno-omit-frame-pointer',
                '-fsanitize=address,undefined',
                '-fno-sanitize=vptr',
              ],
              'ldflags': ['-fsanitize=address,undefined'],
            },
            'Tsan': {
              'inherit_from': ['Release'],
              'defines!': ['NDEBUG'],
              'cflags': [
                '-O1',
                '-g',
                '-fno-omit-frame-pointer',
                '-fsanitize=thread',
                # Asio's fences, which GCC's sanitizer does not understand.
                '-Wno-tsan',
              ],
              'ldflags': ['-fsanitize=thread'],
            },
          },
          'conditions': [
            ['io_thread == 1', {
              'defines': ['BEASTWS_IO_THREAD'],
            }],
            ['OS == "linux"', {
              # Only the two entry points leave the addon. Hidden visibility
              # alone would leave Asio's process-wide unique symbols, which
              # every addon that uses Asio would share.
              'ldflags': [
                '-Wl,--version-script=<(module_root_dir)/src/exports.map',
              ],
              'conditions': [
                ['static_runtime == 1', {
                  'ldflags': ['-static-libstdc++', '-static-libgcc'],
                }],
              ],
            }],
            ['OS == "mac"', {
              'xcode_settings': {
                'OTHER_LDFLAGS': [
                  '-Wl,-exported_symbols_list,<(module_root_dir)/src/exports.sym',
                ],
              },
            }],
            ['OS == "win"', {
              'include_dirs': [
                '<!@(node scripts/gyp-inputs.js include-dirs "<(boost_root)")',
              ],
              'defines': ['_WIN32_WINNT=0x0A00', 'WIN32_LEAN_AND_MEAN', 'NOMINMAX'],
              'libraries': ['ws2_32.lib', 'mswsock.lib'],
            }],
          ],
        }],
      ],
    },
  ],
}
